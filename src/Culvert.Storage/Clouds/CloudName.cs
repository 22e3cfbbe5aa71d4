using System.Buffers;

namespace Culvert.Storage;

/// <summary>
/// Names of objects, narrow enough to mean the same on every cloud: ASCII, lower case, and without a part that a file system or a
/// URL reads in its own way. A name is never another's folder (<c>a</c> beside <c>a/b</c>): clouds that are folders cannot hold both.
/// </summary>
public static class CloudName
{
    private static readonly SearchValues<char> s_allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-._/");

    /// <summary>Whether an object can be called so.</summary>
    public static bool IsSound(string name) =>
        name.Length is > 0 and <= CloudLimits.NameBytesMax
        && !name.AsSpan().ContainsAnyExcept(s_allowed)
        && HasSoundParts(name);

    /// <summary>Whether some object's name can start so.</summary>
    public static bool IsSoundPrefix(string prefix) =>
        prefix.Length <= CloudLimits.NameBytesMax
        && !prefix.AsSpan().ContainsAnyExcept(s_allowed)
        && (prefix.LastIndexOf('/') is var slash and >= 0 ? HasSoundParts(prefix.AsSpan(0, slash)) : true);

    /// <summary>Callers make names themselves: an unsound one is a programming error.</summary>
    internal static void Require(string name)
    {
        if (!IsSound(name))
        {
            throw new ArgumentException($"'{name}' is no object's name: at most {CloudLimits.NameBytesMax} of a-z 0-9 - . _ /, and no empty part, '.' or '..'", nameof(name));
        }
    }

    /// <summary>As <see cref="Require"/>, for a prefix.</summary>
    internal static void RequirePrefix(string prefix)
    {
        if (!IsSoundPrefix(prefix))
        {
            throw new ArgumentException($"no object's name starts with '{prefix}'", nameof(prefix));
        }
    }

    private static bool HasSoundParts(ReadOnlySpan<char> name)
    {
        foreach (Range range in name.Split('/'))
        {
            if (name[range] is "" or "." or ".." or { Length: > CloudLimits.NamePartBytesMax })
            {
                return false;
            }
        }

        return true;
    }
}
