using System.IO.Enumeration;
using Culvert.Stages;

namespace Culvert.Engine;

/// <summary>Patterns to files.</summary>
internal static class InputPaths
{
    public const string StandardInput = "-";

    /// <summary>
    /// The files that <paramref name="inputs"/> name, in their order, those of one pattern in ordinal order. Throws
    /// <see cref="SourceFailedException"/> for a pattern without a match, a file that is not there, or a folder.
    /// </summary>
    public static List<string> Expand(IEnumerable<string> inputs)
    {
        List<string> paths = [];
        foreach (string input in inputs)
        {
            if (input == StandardInput || File.Exists(input))
            {
                paths.Add(input);
            }
            else if (Directory.Exists(input))
            {
                throw new SourceFailedException($"{input} is a folder; name its files, for example '{Path.Combine(input, "*.csv")}'");
            }
            else if (input.AsSpan().ContainsAny("*?["))
            {
                paths.AddRange(Match(input));
            }
            else
            {
                throw new SourceFailedException($"{input}: no such file");
            }
        }

        return paths;
    }

    /// <summary>Whether a name matches a pattern of <c>*</c>, <c>?</c>, <c>[abc]</c>, <c>[a-z]</c>, <c>[!a]</c>, case-sensitive.</summary>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        // Greedy matching that goes back to the last star only: linear in practice, and at worst pattern times name.
        int p = 0;
        int n = 0;
        int star = -1;
        int starName = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, starName) = (p++, n);
            }
            else if (p < pattern.Length && MatchesOne(pattern[p..], name[n], out int used))
            {
                p += used;
                n++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                n = ++starName;
            }
            else
            {
                return false;
            }
        }

        return pattern[p..].Trim('*').IsEmpty;
    }

    private static List<string> Match(string pattern)
    {
        string folder = Path.GetDirectoryName(pattern) ?? "";
        string last = Path.GetFileName(pattern);
        if (folder.AsSpan().ContainsAny("*?["))
        {
            throw new SourceFailedException($"{pattern}: only the file's name may be a pattern, not its folder");
        }

        string place = folder.Length == 0 ? "." : folder;
        List<string> found = [];
        if (Directory.Exists(place))
        {
            FileSystemEnumerable<string> files = new(place, (ref FileSystemEntry entry) => entry.FileName.ToString(), new EnumerationOptions { AttributesToSkip = 0 })
            {
                ShouldIncludePredicate = (ref FileSystemEntry entry) =>
                    !entry.IsDirectory && (entry.FileName[0] != '.' || last[0] == '.') && Matches(last, entry.FileName),
            };
            found.AddRange(files);
        }

        if (found.Count == 0)
        {
            throw new SourceFailedException($"{pattern}: no file matches this pattern");
        }

        found.Sort(StringComparer.Ordinal);
        return [.. found.Select(name => Path.Join(folder, name))];
    }

    private static bool MatchesOne(ReadOnlySpan<char> pattern, char c, out int used)
    {
        used = 1;
        int close = pattern[0] == '[' && pattern.Length > 2 ? pattern[2..].IndexOf(']') + 2 : 1;
        if (close < 2)
        {
            return pattern[0] == '?' || pattern[0] == c;
        }

        used = close + 1;
        ReadOnlySpan<char> set = pattern[1..close];
        bool not = set[0] is '!' or '^';
        set = not && set.Length > 1 ? set[1..] : set;
        bool within = false;
        for (int i = 0; i < set.Length; i++)
        {
            if (i + 2 < set.Length && set[i + 1] == '-')
            {
                within |= c >= set[i] && c <= set[i + 2];
                i += 2;
            }
            else
            {
                within |= c == set[i];
            }
        }

        return within != not;
    }
}
