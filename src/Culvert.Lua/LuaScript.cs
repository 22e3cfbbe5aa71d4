using System.Text;
using Culvert.Lua.Native;

namespace Culvert.Lua;

/// <summary>The text of a script and the limits it runs under. Immutable; any number of operators can be made of it.</summary>
public sealed class LuaScript
{
    /// <summary>A script is read by people; a larger one is some other file.</summary>
    public const int SourceBytesMax = 1 << 20;

    /// <summary>Takes a script's text; <paramref name="name"/> is what messages call it, a file name as a rule.</summary>
    public LuaScript(string name, string source, LuaLimits? limits = null)
        : this(name, Encoding.UTF8.GetBytes(source), limits)
    {
    }

    /// <summary>Takes a script's bytes: Lua's strings are bytes, and so its scripts need not be UTF-8. The array is kept.</summary>
    public LuaScript(string name, byte[] source, LuaLimits? limits = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(source.Length, SourceBytesMax);
        if (name.Contains('\0', StringComparison.Ordinal) || name.Contains('\n', StringComparison.Ordinal))
        {
            throw new ArgumentException("a script's name is one line of text", nameof(name));
        }

        Name = name;
        SourceBytes = source.AsSpan().StartsWith("\xEF\xBB\xBF"u8) ? source[3..] : source;
        Limits = limits ?? LuaLimits.Default;
        Limits.Check();
    }

    /// <summary>The name in messages.</summary>
    public string Name { get; }

    /// <summary>The limits.</summary>
    public LuaLimits Limits { get; }

    internal byte[] SourceBytes { get; }

    /// <summary>Lua cuts a chunk's name at about 60 bytes; a long path keeps its end.</summary>
    internal string ChunkName => Name.Length <= 40 ? Name : "..." + Name[^37..];

    /// <summary>Compiles the script and runs nothing of it; the failure has the script's name and line.</summary>
    public Outcome<bool> Check()
    {
        using LuaState state = new(Limits);
        try
        {
            state.LoadMetered(this);
            return true;
        }
        catch (LuaFailedException e)
        {
            return new Failure(FailureKind.Malformed, e.Message);
        }
    }
}
