using System.Globalization;
using Culvert.Sealing;

namespace Culvert.Stages.Tests;

/// <summary>The vectors were made from the specification by another program than Culvert.</summary>
public sealed class PagedStateVectorTests
{
    public static TheoryData<string> Names => [.. Directory.GetFiles(Folder(), "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)).Order()];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_sealed_piece_is_opened_or_refused_as_its_vector_says(string name)
    {
        Dictionary<string, string> vector = File.ReadAllLines(Path.Combine(Folder(), name + ".txt")).Select(line => line.Split(' ')).ToDictionary(line => line[0], line => line[1]);
        using Secret key = Secret.CopyOf(Convert.FromHexString(vector["key"]));
        using StatePageCipher cipher = new(key);
        StatePieceName piece = new(
            long.Parse(vector["table"], CultureInfo.InvariantCulture), int.Parse(vector["slot"], CultureInfo.InvariantCulture), vector["kind"] == "1");
        ulong number = ulong.Parse(vector["number"], CultureInfo.InvariantCulture);
        byte[] content = Convert.FromHexString(vector["sealed"]);
        byte[] expected = Convert.FromHexString(vector["plain"]);
        byte[] plain = new byte[expected.Length];
        plain.AsSpan().Fill(0xEE);

        bool opened = cipher.TryOpen(number, piece, content, plain);

        Assert.Equal(vector["expect"] == "opened", opened);
        Assert.Equal(opened ? expected : new byte[expected.Length], plain);
        byte[] again = new byte[content.Length];
        cipher.Seal(number, piece, expected, again);
        Assert.Equal(opened, again.AsSpan().SequenceEqual(content));
    }

    private static string Folder()
    {
        DirectoryInfo? at = new(AppContext.BaseDirectory);
        while (at is not null && !Directory.Exists(Path.Combine(at.FullName, "tests", "vectors", "paged-state")))
        {
            at = at.Parent;
        }

        return Path.Combine(at!.FullName, "tests", "vectors", "paged-state");
    }
}
