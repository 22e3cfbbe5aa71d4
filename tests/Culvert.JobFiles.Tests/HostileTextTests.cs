using System.Globalization;
using System.Text;
using Culvert.JobFiles.Tests.Fakes;

namespace Culvert.JobFiles.Tests;

public class HostileTextTests
{
    private const int Mutations = 6_000;

    private static readonly string[] Pieces =
        ["&a ", "*a", "[", "]", "{", "}", ": ", "- ", "? ", "| ", ">\n", "'", "\"", "\\", "!!int ", "%YAML 1.2\n", "---\n", "...\n", "\t", "\n", "\r", "\u2028", "#", "\0", "\ud800", "<<: ", ",", "@", "`", "  "];

    [Fact]
    public void Mutated_files_give_diagnostics_or_a_job_and_never_throw()
    {
        string[] files =
        [
            .. Directory.GetFiles(Repository.PathOf("examples"), "*.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal),
            .. Directory.GetFiles(Repository.PathOf("tests", "vectors", "job-files"), "*.yaml").Order(StringComparer.Ordinal).Take(10),
        ];
        ulong seed = 20_240_611;
        int refused = 0;
        for (int i = 0; i < Mutations; i++)
        {
            ulong state = seed + (ulong)i;
            string text = Mutate(File.ReadAllText(files[i % files.Length]), state);
            try
            {
                JobFileReading reading = Jobs.Load(text);
                refused += reading.File is null ? 1 : 0;
                Assert.Equal(reading.File is null, reading.Diagnostics.Any(d => d.Severity == Severity.Error));
                Assert.All(reading.Diagnostics, d => Assert.True(d.Line >= 1 && d.Column >= 1 && d.ToText().Length > 0));
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"seed {state}: {e}\n{text}"));
            }
        }

        Assert.True(refused > Mutations / 3, "mutations that are never refused test nothing");
    }

    [Fact]
    public void Aliases_that_multiply_are_refused_before_they_grow()
    {
        StringBuilder bomb = new("job: bomb\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 12; i++)
        {
            bomb.Append(CultureInfo.InvariantCulture, $"a{i}: &a{i} [*a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}, *a{i - 1}]\n");
        }

        Diagnostic found = Assert.Single(Jobs.Load(bomb.ToString()).Diagnostics);
        Assert.Contains("too many parts: at most 100000", found.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[", 2_000, "nested too deeply: at most 32 levels are allowed")]
    [InlineData("- ", 2_000, "nested too deeply: at most 32 levels are allowed")]
    [InlineData("x", 1_100_000, "the file is too large: 1100000 characters, and at most 1048576 are allowed")]
    [InlineData("", 1, "the file is empty")]
    public void What_exceeds_a_limit_is_refused_by_its_name(string piece, int count, string message)
    {
        string text = string.Concat(Enumerable.Repeat(piece, count));

        Assert.Equal(message, Assert.Single(Jobs.Load(text).Diagnostics).Message);
    }

    [Fact]
    public void A_file_of_flaws_is_reported_up_to_a_bound()
    {
        string text = "job: many\n" + string.Concat(Enumerable.Range(0, 5_000).Select(i => $"k{i}: 1\n"));

        Assert.Equal(100, Jobs.Load(text).Diagnostics.Length);
    }

    [Fact]
    public void A_refused_file_says_why_even_when_it_has_more_warnings_than_are_shown()
    {
        string stages = string.Concat(Enumerable.Range(0, 300).Select(_ => "  - where: small > 300\n"));
        string text = "job: j\nsource:\n  csv: in.csv\n  columns: { small: uint8 }\nstages:\n" + stages + "  - where: wrong > 1\n";

        JobFileReading reading = Jobs.Load(text);

        Assert.Null(reading.File);
        Assert.Equal((51, "there is no column 'wrong'"), (reading.Diagnostics.Length, reading.Diagnostics[^1].Message));
    }

    [Fact]
    public void Places_count_lines_that_end_with_CR_LF_and_skip_a_byte_order_mark()
    {
        string text = "\uFEFFjob: j\r\nsource:\r\n  csv: in.csv\r\n  columns: { a: int32 }\r\nstages:\r\n  - where: >-\r\n      a > 0\r\n      and b > 0\r\n";

        Diagnostic found = Assert.Single(Jobs.Load(text).Diagnostics);

        Assert.Equal((8, 11, "      and b > 0"), (found.Line, found.Column, found.SourceLine));
    }

    private static string Mutate(string text, ulong state)
    {
        StringBuilder result = new(text);
        int changes = 1 + (int)(Next(ref state) % 4);
        for (int i = 0; i < changes && result.Length > 0; i++)
        {
            int at = (int)(Next(ref state) % (ulong)result.Length);
            int length = Math.Min(result.Length - at, (int)(Next(ref state) % 12));
            switch (Next(ref state) % 4)
            {
                case 0:
                    result.Remove(at, length);
                    break;
                case 1:
                    result.Insert(at, Pieces[(int)(Next(ref state) % (ulong)Pieces.Length)]);
                    break;
                case 2:
                    result[at] = (char)(Next(ref state) % 128);
                    break;
                default:
                    result.Insert((int)(Next(ref state) % (ulong)result.Length), result.ToString(at, length));
                    break;
            }
        }

        return result.ToString();
    }

    /// <summary>SplitMix64.</summary>
    private static ulong Next(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
