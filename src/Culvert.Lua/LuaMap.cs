using System.Text;
using Culvert.Streams;
using static Culvert.Lua.Native.LuaNative;

namespace Culvert.Lua;

/// <summary>
/// A Lua function from an event to an event, or to nil, which drops it. The script returns the function or defines a
/// global <c>map</c>.
/// </summary>
public sealed class LuaMap : LuaOperator
{
    private const string Role = "map";

    /// <summary>
    /// Loads the script for events of <paramref name="input"/>; what it returns is checked against <paramref name="output"/>.
    /// Throws <see cref="LuaFailedException"/> when the script does not compile or load.
    /// </summary>
    public LuaMap(LuaScript script, Schema input, Schema output)
        : base(script, Role, input, allFields: false, output, fields => LuaDriver.Map(input, fields, output)) => Output = output;

    /// <summary>What events look like that come out.</summary>
    public Schema Output { get; }

    /// <summary>
    /// Finds what a map returns by running it over a sample: the fields of all events that it returns, in the order of their
    /// names, as int64, float64 (also where some are whole), text or bool, all of which may be missing. The failure names
    /// what is wrong: the script's error, a field of two types, a sample of which nothing comes out.
    /// </summary>
    public static Outcome<Schema> InferSchema(LuaScript script, Batch sample)
    {
        try
        {
            using InferringMap map = new(script, sample.Schema);
            return map.Infer(sample);
        }
        catch (LuaFailedException e)
        {
            return new Failure(FailureKind.Malformed, e.Message);
        }
        catch (RowFailedException e)
        {
            return new Failure(FailureKind.Malformed, $"{e.Message}; the event: {e.Event}");
        }
    }

    /// <summary>
    /// Takes a batch, which stays the caller's, through the function and returns the events that came back.
    /// <paramref name="seed"/> is what <c>math.random</c> starts from, with the row; the same for a batch whenever it is
    /// processed. Throws <see cref="RowFailedException"/> with the row and the event when one fails.
    /// </summary>
    public Batch Apply(Batch batch, ulong seed = 0)
    {
        int count = 0;
        Run(batch, seed, null, (start, returned) =>
        {
            ReadOutputs(
                returned,
                (slot, reason) => RowFailed(batch, start + RowAt(slot) - 1, new LuaFailedException(Script.Name, null, $"map returned an event in which {reason}")));
            count += returned;
        });
        return new Batch(Output, [.. Outputs.Select(o => o.Take())], count);
    }

    private sealed class InferringMap(LuaScript script, Schema input)
        : LuaOperator(script, Role, input, allFields: true, null, fields => LuaDriver.Infer(input, fields))
    {
        internal Outcome<Schema> Infer(Batch sample)
        {
            List<Field> found = [];
            Run(sample, 0, null, (_, _) => found = ReadKinds());
            return found.Count == 0
                ? new Failure(FailureKind.Missing, $"{Script.Name}: map returned no event for any of the {sample.Count} first, so its fields have to be declared")
                : new Schema(found);
        }

        private List<Field> ReadKinds()
        {
            nint lua = State.Handle;
            List<Field> found = [];
            for (int i = 1; RawGetSlot(lua, -1, i) == TypeString; i += 2)
            {
                string name = Encoding.UTF8.GetString(StringAt(lua, -1));
                Pop(lua, 1);
                _ = RawGetSlot(lua, -1, i + 1);
                string kind = Encoding.UTF8.GetString(StringAt(lua, -1));
                Pop(lua, 1);
                found.Add(new Field(name, new ColumnType(KindOf(name, kind), Nullable: true)));
            }

            Pop(lua, 2);
            return found;
        }

        private ValueKind KindOf(string name, string kind) => kind switch
        {
            "integer" => ValueKind.Int64,
            "float" => ValueKind.Float64,
            "string" => ValueKind.Text,
            "boolean" => ValueKind.Bool,
            _ => throw new LuaFailedException(Script.Name, null, $"the field '{name}' that map returned is a {kind}; a field is a number, text or a boolean"),
        };
    }
}
