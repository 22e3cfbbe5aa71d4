using System.Globalization;
using System.Text;
using Culvert.Streams;

namespace Culvert.Lua;

/// <summary>
/// Writes the loop that takes a slice of events through a script's function. It stands in one chunk behind the sandbox,
/// whose locals it shares: the loop marks the row it is at in <c>current</c>.
/// </summary>
internal static class LuaDriver
{
    /// <summary>Lua allows 200 locals in a function; wider events read their arrays through a table.</summary>
    private const int LocalColumnsMax = 120;

    internal static string Map(Schema input, int[] fields, Schema output) => $$"""
        local user
        local function begin(seed)
          user = load_script(seed)
        end
        local function run(n, offset)
          {{Locals(fields.Length, output.Count)}}
          local f, m = user, 0
          for i = 1, n do
            current = offset + i
            local r = f({{Event(input, fields, output.Count)}})
            if r ~= nil then
              {{CheckResult(output, fields.Length, "m + 1")}}
              m = m + 1
              rows[m] = i
            end
          end
          if limit then trip() end
          return m
        end
        return handler, begin, run, nil
        """;

    /// <summary>Finds the names and types of the fields that a map returns, over a sample.</summary>
    internal static string Infer(Schema input, int[] fields) => $$"""
        local user
        local function begin(seed)
          user = load_script(seed)
        end
        local kinds = {}
        local function run(n, offset)
          {{Locals(fields.Length, 0)}}
          for i = 1, n do
            current = offset + i
            local r = user({{Event(input, fields, 0)}})
            if r ~= nil then
              if type(r) ~= "table" or r[1] ~= nil then as_event(r, ROLE) end
              for k, v in raw_next, r do
                local kind = math_type(v) or type(v)
                if type(k) ~= "string" then
                  error("a field's name has to be text, and is a " .. type(k), 0)
                elseif kinds[k] == nil or kinds[k] == kind then
                  kinds[k] = kind
                elseif (kinds[k] == "integer" and kind == "float") or (kinds[k] == "float" and kind == "integer") then
                  kinds[k] = "float"
                else
                  error(string_format("the field '%s' is a %s in one event and a %s in another", k, kinds[k], kind), 0)
                end
              end
            end
          end
          local names, count = ordered_keys(kinds)
          local lines = {}
          for i = 1, count do
            lines[2 * i - 1], lines[2 * i] = names[i], kinds[names[i]]
          end
          return lines
        end
        return handler, begin, run, nil
        """;

    internal static string Filter(Schema input, int[] fields) => $$"""
        local user
        local function begin(seed)
          user = load_script(seed)
        end
        local function run(n, offset)
          {{Locals(fields.Length, 0)}}
          local f, m = user, 0
          for i = 1, n do
            current = offset + i
            local r = f({{Event(input, fields, 0)}})
            if r == true then
              m = m + 1
              rows[m] = i
            elseif r then
              error("filter has to return true or false; it returned a " .. type(r), 0)
            end
          end
          if limit then trip() end
          return m
        end
        return handler, begin, run, nil
        """;

    internal static string Reduce(Schema input, int[] fields, Schema output) => $$"""
        local user, initial, finish
        local accumulators = {}
        local function begin(seed)
          user = load_script(seed)
          initial, finish = globals.initial, globals.finish
          if finish ~= nil and type(finish) ~= "function" then
            error("'finish' has to be a function, and is a " .. type(finish), 0)
          end
        end
        local function run(n, offset)
          {{Locals(fields.Length, 0)}}
          local f = user
          for i = 1, n do
            current = offset + i
            local group = rows[i]
            local a = accumulators[group]
            if a == nil and initial ~= nil then
              if type(initial) == "function" then a = initial() else a = plain_copy(initial, 0) end
            end
            a = f(a, {{Event(input, fields, 0)}})
            if a == nil then
              error("reduce returned nil; it has to return the accumulator", 0)
            end
            accumulators[group] = a
          end
          if limit then trip() end
        end
        local function conclude(n, offset)
          {{Locals(0, output.Count)}}
          for i = 1, n do
            current = offset + i
            local r = accumulators[rows[i]]
            if finish then
              r = finish(r)
            end
            if r == nil then
              error(finish and "finish returned nil" or "there is no accumulator", 0)
            end
            {{CheckResult(output, 0, "i")}}
          end
        end
        return handler, begin, run, conclude, accumulators
        """;

    /// <summary>Refuses what is no event, and takes the fields apart.</summary>
    private static string CheckResult(Schema output, int ins, string slot)
    {
        StringBuilder text = new();
        bool scalar = output.Count == 1;
        text.Append(CultureInfo.InvariantCulture, $"local slot = {slot}\n");
        if (scalar)
        {
            text.Append(CultureInfo.InvariantCulture, $"if type(r) ~= \"table\" then {Out(0, ins, output.Count)}[slot] = r else\n");
            text.Append(CultureInfo.InvariantCulture, $"if r[1] ~= nil then as_event(r, ROLE) end\n");
        }
        else
        {
            text.Append(CultureInfo.InvariantCulture, $"if type(r) ~= \"table\" or r[1] ~= nil then as_event(r, ROLE) end\n");
        }

        for (int i = 0; i < output.Count; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{Out(i, ins, output.Count)}[slot] = r[{Quote(output[i].Name)}]\n");
        }

        return text.Append(scalar ? "end" : "").ToString();
    }

    private static string Locals(int ins, int outs)
    {
        if (ins + outs > LocalColumnsMax)
        {
            return "";
        }

        StringBuilder text = new();
        for (int i = 0; i < ins; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"local c{i} = ins[{i + 1}]\n");
        }

        for (int i = 0; i < outs; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"local o{i} = outs[{i + 1}]\n");
        }

        return text.ToString();
    }

    /// <summary>The name by which the generated code knows output array <paramref name="index"/>; the counts are those its <see cref="Locals"/> got.</summary>
    private static string Out(int index, int ins, int outs) =>
        string.Create(CultureInfo.InvariantCulture, $"{(ins + outs > LocalColumnsMax ? $"outs[{index + 1}]" : $"o{index}")}");

    private static string Event(Schema input, int[] fields, int outs)
    {
        bool direct = fields.Length + outs <= LocalColumnsMax;
        string Value(int f) => string.Create(CultureInfo.InvariantCulture, $"{(direct ? $"c{f}" : $"ins[{f + 1}]")}[i]");
        if (IsLine(input))
        {
            return Value(0);
        }

        StringBuilder text = new("{");
        for (int f = 0; f < fields.Length; f++)
        {
            text.Append(CultureInfo.InvariantCulture, $"[{Quote(input[fields[f]].Name)}]={Value(f)},");
        }

        return text.Append('}').ToString();
    }

    /// <summary>Whether events are plain text and not tables: a single column of text.</summary>
    internal static bool IsLine(Schema input) => input.Count == 1 && input[0].Type.Kind == ValueKind.Text;

    private static string Quote(string name)
    {
        StringBuilder text = new("\"");
        foreach (byte b in Encoding.UTF8.GetBytes(name))
        {
            if (b is >= 32 and < 127 && b is not ((byte)'"' or (byte)'\\'))
            {
                text.Append((char)b);
            }
            else
            {
                text.Append(CultureInfo.InvariantCulture, $"\\{b:000}");
            }
        }

        return text.Append('"').ToString();
    }
}
