using System.Globalization;
using System.Numerics;
using Culvert.Lua.Native;
using Culvert.Streams;
using static Culvert.Lua.Native.LuaNative;

namespace Culvert.Lua;

/// <summary>Reads what a script returned for one field, checks it against the field's type, and makes a column of it.</summary>
internal abstract class LuaOutputColumn(Field declared)
{
    private ulong[]? _validity;
    private int _capacity;

    internal Field Field { get; } = declared;

    /// <summary>Rows read so far.</summary>
    protected int Count { get; private set; }

    internal static LuaOutputColumn For(Field field) => field.Type.Kind switch
    {
        ValueKind.Bool => new BoolOutput(field),
        ValueKind.Int8 => new IntegerOutput<sbyte>(field),
        ValueKind.UInt8 => new IntegerOutput<byte>(field),
        ValueKind.Int16 => new IntegerOutput<short>(field),
        ValueKind.UInt16 => new IntegerOutput<ushort>(field),
        ValueKind.Int32 => new IntegerOutput<int>(field),
        ValueKind.UInt32 => new IntegerOutput<uint>(field),
        ValueKind.Int64 => new IntegerOutput<long>(field),
        ValueKind.UInt64 => new IntegerOutput<ulong>(field),
        ValueKind.Float32 => new FloatOutput<float>(field),
        ValueKind.Float64 => new FloatOutput<double>(field),
        ValueKind.Decimal => new DecimalOutput(field),
        ValueKind.Text or ValueKind.Bytes => new BytesOutput(field),
        ValueKind.DateTime => new MomentOutput<DateTime>(
            field, DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks, DateTime.UnixEpoch.Ticks, static ticks => new DateTime(ticks)),
        ValueKind.DateTimeOffset => new MomentOutput<DateTimeOffset>(
            field, DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks, DateTime.UnixEpoch.Ticks, static ticks => new DateTimeOffset(ticks, TimeSpan.Zero)),
        ValueKind.TimeSpan => new MomentOutput<TimeSpan>(field, long.MinValue, long.MaxValue, 0, static ticks => new TimeSpan(ticks)),
        _ => throw new NotSupportedException($"a Lua function cannot return {field}"),
    };

    /// <summary>
    /// Reads slots 1 to <paramref name="count"/> of the array at a stack index. Returns -1, or the slot whose value does not
    /// fit, with the reason.
    /// </summary>
    internal int Read(nint lua, int array, int count, out string reason)
    {
        reason = "";
        Reserve(Count + count);
        for (int slot = 1; slot <= count; slot++)
        {
            int type = RawGetSlot(lua, array, slot);
            int row = Count++;
            if (type == TypeNil)
            {
                if (!Field.Type.Nullable)
                {
                    reason = $"the field '{Field.Name}' is missing; it has to be {Field.Type} (a type with '?' allows missing values)";
                    return slot;
                }

                SetDefault(row);
                MarkMissing(row);
            }
            else if (!TryRead(lua, type, row))
            {
                reason = $"the field '{Field.Name}' has to be {Field.Type}, and is {Describe(lua, type)}";
                return slot;
            }

            Pop(lua, 1);
        }

        return -1;
    }

    /// <summary>The column, which then belongs to the caller; this object starts again with none.</summary>
    internal Column Take()
    {
        Reserve(Count);
        Column column = Build(_validity);
        (_validity, _capacity, Count) = (null, 0, 0);
        return column;
    }

    protected abstract void Resize(int rows);

    protected abstract void SetDefault(int row);

    /// <summary>Reads the value on top of the stack, which is not nil, and leaves it there.</summary>
    protected abstract bool TryRead(nint lua, int type, int row);

    protected abstract Column Build(ulong[]? validity);

    /// <summary>Whole numbers, also those that are floats with nothing behind the point.</summary>
    protected static unsafe bool TryInteger(nint lua, int type, out long value)
    {
        int whole = 0;
        value = type == TypeNumber ? ToInteger(lua, -1, &whole) : 0;
        return whole != 0;
    }

    protected static T[] Grown<T>(T[] array, int length, int used)
    {
        if (array.Length >= length)
        {
            return array;
        }

        T[] larger = ColumnPool.Shared.Rent<T>(length);
        Array.Copy(array, larger, used);
        ColumnPool.Shared.Return(array);
        return larger;
    }

    private void Reserve(int rows)
    {
        if (rows > _capacity || _capacity == 0)
        {
            _capacity = Math.Max(rows, 2 * _capacity);
            Resize(_capacity);
            if (_validity is not null)
            {
                int words = Bitmap.WordCount(Count);
                _validity = Grown(_validity, Bitmap.WordCount(_capacity), words);
                _validity.AsSpan(words).Fill(ulong.MaxValue);
            }
        }
    }

    private void MarkMissing(int row)
    {
        if (_validity is null)
        {
            _validity = ColumnPool.Shared.Rent<ulong>(Bitmap.WordCount(_capacity));
            _validity.AsSpan().Fill(ulong.MaxValue);
        }

        Bitmap.Clear(_validity, row);
    }

    private static string Describe(nint lua, int type) => type switch
    {
        TypeBoolean => ToBoolean(lua, -1) != 0 ? "true" : "false",
        TypeNumber => DescribeNumber(lua),
        TypeString => $"the text \"{LuaState.Text(StringAt(lua, -1) is { Length: > 80 } text ? text[..80] : StringAt(lua, -1))}\"",
        TypeTable => "a table",
        TypeFunction => "a function",
        _ => "a coroutine",
    };

    private static unsafe string DescribeNumber(nint lua)
    {
        int found;
        return IsInteger(lua, -1) != 0
            ? string.Create(CultureInfo.InvariantCulture, $"the integer {ToInteger(lua, -1, &found)}")
            : string.Create(CultureInfo.InvariantCulture, $"the float {ToNumber(lua, -1, &found)}");
    }

    private abstract class FixedOutput<T>(Field field) : LuaOutputColumn(field)
        where T : unmanaged
    {
        protected T[] Values { get; private set; } = [];

        protected override void Resize(int rows) => Values = Grown(Values, rows, Count);

        protected override void SetDefault(int row) => Values[row] = default;

        protected override Column Build(ulong[]? validity)
        {
            FixedColumn<T> column = new(Field.Type, Values, Count, validity);
            Values = [];
            return column;
        }
    }

    private sealed class BoolOutput(Field field) : FixedOutput<bool>(field)
    {
        protected override bool TryRead(nint lua, int type, int row)
        {
            Values[row] = ToBoolean(lua, -1) != 0;
            return type == TypeBoolean;
        }
    }

    private sealed class IntegerOutput<T>(Field field) : FixedOutput<T>(field)
        where T : unmanaged, IBinaryInteger<T>
    {
        protected override bool TryRead(nint lua, int type, int row)
        {
            if (!TryInteger(lua, type, out long value))
            {
                return false;
            }

            T narrow = T.CreateTruncating(value);
            Values[row] = narrow;
            return long.CreateTruncating(narrow) == value && T.IsNegative(narrow) == (value < 0);
        }
    }

    private sealed class FloatOutput<T>(Field field) : FixedOutput<T>(field)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        protected override unsafe bool TryRead(nint lua, int type, int row)
        {
            if (type != TypeNumber)
            {
                return false;
            }

            int found;
            Values[row] = T.CreateTruncating(ToNumber(lua, -1, &found));
            return true;
        }
    }

    private sealed class DecimalOutput(Field field) : FixedOutput<decimal>(field)
    {
        protected override bool TryRead(nint lua, int type, int row)
        {
            if (TryInteger(lua, type, out long whole))
            {
                Values[row] = whole;
                return true;
            }

            const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
            bool read = decimal.TryParse(
                type == TypeString ? StringAt(lua, -1) : default, Style, CultureInfo.InvariantCulture, out decimal value);
            Values[row] = value;
            return read;
        }
    }

    private sealed class MomentOutput<T>(Field field, long ticksMin, long ticksMax, long epochTicks, Func<long, T> make)
        : FixedOutput<T>(field)
        where T : unmanaged
    {
        protected override bool TryRead(nint lua, int type, int row)
        {
            if (!TryInteger(lua, type, out long microseconds))
            {
                return false;
            }

            Int128 ticks = ((Int128)microseconds * TimeSpan.TicksPerMicrosecond) + epochTicks;
            bool fits = ticks >= ticksMin && ticks <= ticksMax;
            Values[row] = fits ? make((long)ticks) : default;
            return fits;
        }
    }

    private sealed class BytesOutput(Field field) : LuaOutputColumn(field)
    {
        private int[] _offsets = [];
        private byte[] _data = [];

        protected override void Resize(int rows)
        {
            _offsets = Grown(_offsets, rows + 1, Count + 1 <= _offsets.Length ? Count + 1 : 0);
            if (Count == 0)
            {
                _offsets[0] = 0;
            }
        }

        protected override void SetDefault(int row) => _offsets[row + 1] = _offsets[row];

        protected override bool TryRead(nint lua, int type, int row)
        {
            if (type != TypeString)
            {
                return false;
            }

            ReadOnlySpan<byte> bytes = StringAt(lua, -1);
            int start = _offsets[row];
            int end = checked(start + bytes.Length);
            if (end > _data.Length)
            {
                _data = Grown(_data, (int)Math.Min(Math.Max(end, 2L * _data.Length), Array.MaxLength), start);
            }

            bytes.CopyTo(_data.AsSpan(start));
            _offsets[row + 1] = end;
            return true;
        }

        protected override Column Build(ulong[]? validity)
        {
            TextColumn column = new(Field.Type, _offsets, _data, Count, validity);
            (_offsets, _data) = ([], []);
            return column;
        }
    }
}
