using System.Text;
using Culvert.Streams;

namespace Culvert.Lua;

/// <summary>
/// Finds the fields that a function can read, so that the others need not be handed to Lua. It looks for the one function
/// of the role, and for its event's name: if that is followed by <c>.field</c> wherever it stands in the script, then those
/// fields are all that can be read. Anything else (the event passed on, indexed by a value, shadowed) means all fields.
/// </summary>
internal static class LuaFieldScan
{
    /// <summary>
    /// The indexes of the fields that may be read, and the line at which the function that was looked at starts, for the
    /// loader to check that it is the one that is used; null when all fields are needed.
    /// </summary>
    internal static (int[] Fields, int Line)? FieldsRead(LuaScript script, string role, Schema input)
    {
        if (LuaDriver.IsLine(input))
        {
            return null;
        }

        ReadOnlySpan<byte> source = script.SourceBytes;
        List<Range> tokens = [];
        LuaTokens reader = new(source);
        while (reader.Next())
        {
            tokens.Add(reader.Start..reader.End);
        }

        int parameter = FindParameter(source, tokens, role);
        if (parameter < 0)
        {
            return null;
        }

        ReadOnlySpan<byte> name = source[tokens[parameter]];
        HashSet<int> fields = [];
        for (int i = 0; i < tokens.Count; i++)
        {
            if (i == parameter || !source[tokens[i]].SequenceEqual(name) || (i > 0 && source[tokens[i - 1]] is [(byte)'.']))
            {
                continue;
            }

            if (i + 2 >= tokens.Count || source[tokens[i + 1]] is not [(byte)'.'])
            {
                return null;
            }

            int index = input.IndexOf(Encoding.UTF8.GetString(source[tokens[i + 2]]));
            if (index >= 0)
            {
                fields.Add(index);
            }
        }

        return ([.. fields.Order()], 1 + source[..tokens[parameter].Start.Value].Count((byte)'\n'));
    }

    /// <summary>The token that names the event in the only function that looks like the role's; -1 when there is none such.</summary>
    private static int FindParameter(ReadOnlySpan<byte> source, List<Range> tokens, string role)
    {
        string[] parameters = role == "reduce" ? ["(", "", ",", "", ")"] : ["(", "", ")"];
        byte[] roleName = Encoding.ASCII.GetBytes(role);
        int found = -1;
        int functionLine = 0;
        for (int i = 0; i < tokens.Count; i++)
        {
            if (!source[tokens[i]].SequenceEqual("function"u8))
            {
                continue;
            }

            bool named = i + 1 < tokens.Count && source[tokens[i + 1]].SequenceEqual(roleName);
            bool assigned = i > 1 && source[tokens[i - 1]] is [(byte)'='] && source[tokens[i - 2]].SequenceEqual(roleName);
            bool returned = i > 0 && source[tokens[i - 1]].SequenceEqual("return"u8);
            int first = named ? i + 2 : i + 1;
            if ((named || assigned || returned) && Matches(source, tokens, first, parameters))
            {
                int line = source[..tokens[i].Start.Value].Count((byte)'\n');
                if (found >= 0)
                {
                    return -1;
                }

                (found, functionLine) = (first + parameters.Length - 2, line);
                if (source[..tokens[found].Start.Value].Count((byte)'\n') != functionLine)
                {
                    return -1;
                }
            }
        }

        return found >= 0 && OnlyFunctionOfLine(source, tokens, functionLine) ? found : -1;
    }

    private static bool Matches(ReadOnlySpan<byte> source, List<Range> tokens, int first, string[] pattern)
    {
        for (int i = 0; i < pattern.Length; i++)
        {
            if (first + i >= tokens.Count)
            {
                return false;
            }

            ReadOnlySpan<byte> token = source[tokens[first + i]];
            if (pattern[i].Length == 0 ? token is [(byte)'.', ..] : token is not [var c] || c != pattern[i][0])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Lua tells functions apart by the line where they start.</summary>
    private static bool OnlyFunctionOfLine(ReadOnlySpan<byte> source, List<Range> tokens, int line)
    {
        int count = 0;
        foreach (Range token in tokens)
        {
            if (source[token].SequenceEqual("function"u8) && source[..token.Start.Value].Count((byte)'\n') == line)
            {
                count++;
            }
        }

        return count == 1;
    }
}
