using System.Globalization;
using System.Text;
using Culvert.Lua.Native;
using Culvert.Streams;
using static Culvert.Lua.Native.LuaNative;

namespace Culvert.Lua;

/// <summary>
/// Writes columns into Lua's arrays, one array for each field that the script uses. The arrays are made once, as long as a
/// slice, so that writing to them never allocates.
/// </summary>
internal sealed class LuaInputColumns(LuaState state, int[] fields, int firstIndex)
{
    private const int ShownBytesMax = 200;

    private static readonly long UnixEpochTicks = DateTime.UnixEpoch.Ticks;

    /// <summary>Where each field's dictionary stands on the stack while a batch is worked on; 0 for none.</summary>
    private readonly int[] _dictionaries = new int[fields.Length];

    /// <summary>Makes the texts of dictionaries that are worth it, once for the batch; they stay on the stack.</summary>
    internal void BeginBatch(Batch batch)
    {
        nint lua = state.Handle;
        for (int f = 0; f < fields.Length; f++)
        {
            _dictionaries[f] = 0;
            if (batch[fields[f]] is not DictionaryColumn column || column.Dictionary.Count > batch.Count)
            {
                continue;
            }

            TextColumn dictionary = column.Dictionary;
            CreateTable(lua, dictionary.Count, 0);
            int table = GetTop(lua);
            for (int code = 0; code < dictionary.Count; code++)
            {
                PushString(lua, dictionary.GetBytes(code));
                RawSetSlot(lua, table, code + 1);
            }

            _dictionaries[f] = table;
        }
    }

    /// <summary>How many rows from <paramref name="start"/> on fit into <paramref name="bytesMax"/> of text; at least one.</summary>
    internal int RowsThatFit(Batch batch, int start, int count, long bytesMax)
    {
        for (int f = 0; f < fields.Length && count > 1; f++)
        {
            if (_dictionaries[f] != 0 || batch[fields[f]] is not BytesColumn column)
            {
                continue;
            }

            long bytes = 0;
            for (int row = 0; row < count; row++)
            {
                bytes += column.GetBytes(start + row).Length;
                if (bytes > bytesMax && row > 0)
                {
                    count = row;
                }
            }
        }

        return count;
    }

    /// <summary>Writes the rows; the first is at 1 in each array.</summary>
    internal void Write(Batch batch, int start, int count)
    {
        for (int f = 0; f < fields.Length; f++)
        {
            WriteColumn(batch[fields[f]], start, count, firstIndex + f, _dictionaries[f]);
        }
    }

    /// <summary>An event in words, for messages: <c>{carrier="AA", delay=12}</c>, cut where it gets long.</summary>
    internal static string Show(Batch batch, int row)
    {
        if (batch.Schema.Count == 1 && batch[0] is BytesColumn line)
        {
            return Quote(line, row);
        }

        StringBuilder text = new("{");
        for (int i = 0; i < batch.Schema.Count; i++)
        {
            text.Append(i == 0 ? "" : ", ");
            if (text.Length > 4 * ShownBytesMax)
            {
                text.Append("...");
                break;
            }

            text.Append(batch.Schema[i].Name).Append('=').Append(
                batch[i].IsNull(row) ? "nil"
                : batch[i] is BytesColumn bytes ? Quote(bytes, row)
                : string.Create(CultureInfo.InvariantCulture, $"{batch[i].GetValue(row)}"));
        }

        return text.Append('}').ToString();
    }

    private static string Quote(BytesColumn column, int row)
    {
        ReadOnlySpan<byte> bytes = column.GetBytes(row);
        bool cut = bytes.Length > ShownBytesMax;
        return $"\"{Encoding.UTF8.GetString(cut ? bytes[..ShownBytesMax] : bytes)}\"{(cut ? "..." : "")}";
    }

    private void WriteColumn(Column column, int start, int count, int array, int dictionary)
    {
        switch (column)
        {
            case DictionaryColumn coded when dictionary != 0:
                WriteCodes(coded, start, count, array, dictionary);
                break;
            case BytesColumn bytes:
                WriteBytes(bytes, start, count, array);
                break;
            case FixedColumn<bool> values:
                WriteValues(values, start, count, array, static (lua, value) => PushBoolean(lua, value ? 1 : 0));
                break;
            case FixedColumn<int> values:
                WriteIntegers(values, start, count, array);
                break;
            case FixedColumn<long> values:
                WriteIntegers(values, start, count, array);
                break;
            case FixedColumn<sbyte> values:
                WriteIntegers(values, start, count, array);
                break;
            case FixedColumn<byte> values:
                WriteIntegers(values, start, count, array);
                break;
            case FixedColumn<short> values:
                WriteIntegers(values, start, count, array);
                break;
            case FixedColumn<ushort> values:
                WriteIntegers(values, start, count, array);
                break;
            case FixedColumn<uint> values:
                WriteIntegers(values, start, count, array);
                break;
            case FixedColumn<ulong> values:
                WriteUnsigned(values, start, count, array);
                break;
            case FixedColumn<double> values:
                WriteFloats(values, start, count, array);
                break;
            case FixedColumn<float> values:
                WriteValues(values, start, count, array, static (lua, value) => PushNumber(lua, value));
                break;
            case FixedColumn<decimal> values:
                WriteValues(values, start, count, array, static (lua, value) =>
                    PushString(lua, Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture))));
                break;
            case FixedColumn<DateTime> values:
                WriteValues(values, start, count, array, static (lua, value) => PushInteger(lua, Microseconds(value.Ticks - UnixEpochTicks)));
                break;
            case FixedColumn<DateTimeOffset> values:
                WriteValues(values, start, count, array, static (lua, value) => PushInteger(lua, Microseconds(value.UtcTicks - UnixEpochTicks)));
                break;
            case FixedColumn<TimeSpan> values:
                WriteValues(values, start, count, array, static (lua, value) => PushInteger(lua, Microseconds(value.Ticks)));
                break;
            default:
                throw new NotSupportedException($"a column of {column.Type} cannot be read by Lua");
        }
    }

    /// <summary>Ticks as whole microseconds, towards the past.</summary>
    private static long Microseconds(long ticks) => Math.DivRem(ticks, TimeSpan.TicksPerMicrosecond) is var (quotient, rest) && rest < 0 ? quotient - 1 : ticks / TimeSpan.TicksPerMicrosecond;

    private void WriteCodes(DictionaryColumn column, int start, int count, int array, int dictionary)
    {
        nint lua = state.Handle;
        ReadOnlySpan<int> codes = column.Codes.Slice(start, count);
        for (int i = 0; i < codes.Length; i++)
        {
            if (column.IsNull(start + i))
            {
                PushNil(lua);
            }
            else
            {
                _ = RawGetSlot(lua, dictionary, codes[i] + 1);
            }

            RawSetSlot(lua, array, i + 1);
        }
    }

    private void WriteBytes(BytesColumn column, int start, int count, int array)
    {
        nint lua = state.Handle;
        for (int i = 0; i < count; i++)
        {
            if (column.IsNull(start + i))
            {
                PushNil(lua);
            }
            else
            {
                PushString(lua, column.GetBytes(start + i));
            }

            RawSetSlot(lua, array, i + 1);
        }
    }

    private void WriteIntegers<T>(FixedColumn<T> column, int start, int count, int array)
        where T : unmanaged, System.Numerics.IBinaryInteger<T>
    {
        nint lua = state.Handle;
        ReadOnlySpan<T> values = column.Values.Slice(start, count);
        for (int i = 0; i < values.Length; i++)
        {
            if (column.IsNull(start + i))
            {
                PushNil(lua);
            }
            else
            {
                PushInteger(lua, long.CreateTruncating(values[i]));
            }

            RawSetSlot(lua, array, i + 1);
        }
    }

    private void WriteUnsigned(FixedColumn<ulong> column, int start, int count, int array)
    {
        ReadOnlySpan<ulong> values = column.Values.Slice(start, count);
        int tooLarge = values.IndexOfAnyInRange((ulong)long.MaxValue + 1, ulong.MaxValue);
        if (tooLarge >= 0)
        {
            throw new RowFailedException(start + tooLarge, $"{values[tooLarge]} does not fit into a Lua integer");
        }

        WriteIntegers(column, start, count, array);
    }

    private void WriteFloats(FixedColumn<double> column, int start, int count, int array)
    {
        nint lua = state.Handle;
        ReadOnlySpan<double> values = column.Values.Slice(start, count);
        for (int i = 0; i < values.Length; i++)
        {
            if (column.IsNull(start + i))
            {
                PushNil(lua);
            }
            else
            {
                PushNumber(lua, values[i]);
            }

            RawSetSlot(lua, array, i + 1);
        }
    }

    private void WriteValues<T>(FixedColumn<T> column, int start, int count, int array, Action<nint, T> push)
        where T : unmanaged
    {
        nint lua = state.Handle;
        ReadOnlySpan<T> values = column.Values.Slice(start, count);
        for (int i = 0; i < values.Length; i++)
        {
            if (column.IsNull(start + i))
            {
                PushNil(lua);
            }
            else
            {
                push(lua, values[i]);
            }

            RawSetSlot(lua, array, i + 1);
        }
    }

    internal static bool Reads(ColumnType type) => type.Kind is >= ValueKind.Bool and <= ValueKind.TimeSpan;
}
