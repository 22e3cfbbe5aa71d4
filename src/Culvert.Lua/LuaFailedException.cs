using System.Globalization;

namespace Culvert.Lua;

/// <summary>
/// A script that failed. Where an event is to blame it is the inner exception of a
/// <see cref="Streams.RowFailedException"/>, which knows the row and shows the event.
/// </summary>
public sealed class LuaFailedException : Exception
{
    /// <summary>Makes the failure of a script at a line, if the line is known.</summary>
    public LuaFailedException(string script, int? line, string reason)
        : base(string.Create(CultureInfo.InvariantCulture, $"{script}{(line is { } l ? $":{l}" : "")}: {reason}"))
    {
        Script = script;
        Line = line;
        Reason = reason;
    }

    /// <summary>The script's name.</summary>
    public string Script { get; }

    /// <summary>The line in the script, from 1; null where none is to blame (out of memory, a value of the wrong type).</summary>
    public int? Line { get; }

    /// <summary>What happened, without script and line.</summary>
    public string Reason { get; }
}
