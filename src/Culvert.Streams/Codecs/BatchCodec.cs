using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Culvert.Streams;

/// <summary>
/// A batch as bytes, for those who know its schema (docs/specs/batch.md): the number of rows, then for each column
/// whether values are missing, the validity bitmap if so, and the values; little-endian throughout. Reading checks every
/// length before anything is allocated.
/// </summary>
public static class BatchCodec
{
    /// <summary>Rows of a batch that is read at most.</summary>
    public const int RowsMax = 16 << 20;

    private const byte AllPresent = 0;
    private const byte SomeMissing = 1;

    /// <summary>Writes a batch; state columns are refused.</summary>
    public static void Write(Batch batch, IBufferWriter<byte> writer)
    {
        WriteInt(writer, batch.Count);
        foreach (Column column in batch.Columns)
        {
            WriteByte(writer, column.AllValid ? AllPresent : SomeMissing);
            if (!column.AllValid)
            {
                writer.Write(MemoryMarshal.AsBytes(column.Validity));
            }

            if (column is BytesColumn bytes)
            {
                WriteBytes(bytes, writer);
            }
            else
            {
                ValueKinds.Visit(column.Type.Kind, new ValueWriter(column, writer));
            }
        }
    }

    /// <summary>Reads a batch from the front of <paramref name="source"/> and tells how many bytes it took.</summary>
    public static Outcome<Batch> Read(Schema schema, ReadOnlySpan<byte> source, out int consumed)
    {
        consumed = 0;
        Reader reader = new(source);
        if (!reader.TryInt(out int count) || count is < 0 or > RowsMax)
        {
            return Malformed("the number of rows is missing or too large");
        }

        List<Column> columns = [];
        foreach (Field field in schema.Fields)
        {
            Column? column = ReadColumn(field, count, ref reader);
            if (column is null)
            {
                foreach (Column done in columns)
                {
                    done.Dispose();
                }

                return Malformed($"the column '{field.Name}' is cut short or cannot be");
            }

            columns.Add(column);
        }

        consumed = reader.Position;
        return new Batch(schema, [.. columns], count);
    }

    private static Column? ReadColumn(Field field, int count, ref Reader reader)
    {
        if (!reader.TryByte(out byte missing) || missing > SomeMissing || (missing == SomeMissing && !field.Type.Nullable))
        {
            return null;
        }

        ulong[]? validity = null;
        if (missing == SomeMissing)
        {
            if (!reader.TryTake(Bitmap.WordCount(count) * sizeof(ulong), out ReadOnlySpan<byte> words))
            {
                return null;
            }

            validity = MemoryMarshal.Cast<byte, ulong>(words).ToArray();
            if ((count & 63) != 0 && validity[^1] >> (count & 63) != 0)
            {
                return null;
            }
        }

        if (field.Type.IsBytes)
        {
            return ReadBytes(field.Type, count, validity, ref reader);
        }

        int size = ValueKinds.Visit(field.Type.Kind, SizeOf.Instance);
        return reader.TryTake((long)count * size, out ReadOnlySpan<byte> values)
            ? ValueKinds.Visit(field.Type.Kind, new ValueReader(field.Type, values.ToArray(), count, validity))
            : null;
    }

    private static TextColumn? ReadBytes(ColumnType type, int count, ulong[]? validity, ref Reader reader)
    {
        if (!reader.TryTake(((long)count + 1) * sizeof(int), out ReadOnlySpan<byte> bytes))
        {
            return null;
        }

        int[] offsets = MemoryMarshal.Cast<byte, int>(bytes).ToArray();
        for (int i = 0; i < count; i++)
        {
            if (offsets[i] > offsets[i + 1])
            {
                return null;
            }
        }

        return offsets[0] == 0 && reader.TryTake(offsets[count], out ReadOnlySpan<byte> data)
            ? new TextColumn(type, offsets, data.ToArray(), count, validity, ColumnPool.None)
            : null;
    }

    private static void WriteBytes(BytesColumn column, IBufferWriter<byte> writer)
    {
        int offset = 0;
        WriteInt(writer, 0);
        for (int row = 0; row < column.Count; row++)
        {
            offset = checked(offset + column.GetBytes(row).Length);
            WriteInt(writer, offset);
        }

        for (int row = 0; row < column.Count; row++)
        {
            writer.Write(column.GetBytes(row));
        }
    }

    private static void WriteInt(IBufferWriter<byte> writer, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(writer.GetSpan(sizeof(int)), value);
        writer.Advance(sizeof(int));
    }

    private static void WriteByte(IBufferWriter<byte> writer, byte value)
    {
        writer.GetSpan(1)[0] = value;
        writer.Advance(1);
    }

    private static Failure Malformed(string message) => new(FailureKind.Malformed, $"a batch cannot be read: {message}");

    private sealed class ValueWriter(Column column, IBufferWriter<byte> writer) : IValueKindVisitor<bool>
    {
        public bool Visit<T>()
            where T : unmanaged
        {
            writer.Write(MemoryMarshal.AsBytes(((FixedColumn<T>)column).Values));
            return true;
        }
    }

    private sealed class ValueReader(ColumnType type, byte[] bytes, int count, ulong[]? validity) : IValueKindVisitor<Column?>
    {
        public Column? Visit<T>()
            where T : unmanaged
        {
            if (typeof(T) == typeof(bool) && bytes.AsSpan().ContainsAnyExceptInRange((byte)0, (byte)1))
            {
                return null;
            }

            if (typeof(T) == typeof(decimal) || typeof(T) == typeof(DateTime) || typeof(T) == typeof(DateTimeOffset))
            {
                return ReadChecked<T>();
            }

            return new FixedColumn<T>(type, MemoryMarshal.Cast<byte, T>(bytes).ToArray(), count, validity, ColumnPool.None);
        }

        /// <summary>Types with bit patterns that are no value are made by their constructors.</summary>
        private FixedColumn<T>? ReadChecked<T>()
            where T : unmanaged
        {
            try
            {
                T[] values = MemoryMarshal.Cast<byte, T>(bytes).ToArray();
                foreach (T value in values)
                {
                    Check(value);
                }

                return new FixedColumn<T>(type, values, count, validity, ColumnPool.None);
            }
            catch (ArgumentException)
            {
                return null;
            }
        }

        private static void Check<T>(T value)
        {
            switch (value)
            {
                case decimal d:
                    int[] parts = MemoryMarshal.Cast<decimal, int>(new ReadOnlySpan<decimal>(in d)).ToArray();
                    _ = new decimal([parts[2], parts[3], parts[1], parts[0]]);
                    break;
                case DateTime t:
                    _ = new DateTime(t.Ticks, t.Kind);
                    break;
                case DateTimeOffset o:
                    _ = new DateTimeOffset(o.Ticks, o.Offset);
                    break;
                default:
                    break;
            }
        }
    }

    private sealed class SizeOf : IValueKindVisitor<int>
    {
        internal static readonly SizeOf Instance = new();

        public int Visit<T>()
            where T : unmanaged => System.Runtime.CompilerServices.Unsafe.SizeOf<T>();
    }

    private ref struct Reader(ReadOnlySpan<byte> source)
    {
        private ReadOnlySpan<byte> _rest = source;

        internal int Position { get; private set; }

        internal bool TryTake(long count, out ReadOnlySpan<byte> bytes)
        {
            if (count < 0 || count > _rest.Length)
            {
                bytes = default;
                return false;
            }

            bytes = _rest[..(int)count];
            _rest = _rest[(int)count..];
            Position += (int)count;
            return true;
        }

        internal bool TryInt(out int value)
        {
            bool taken = TryTake(sizeof(int), out ReadOnlySpan<byte> bytes);
            value = taken ? BinaryPrimitives.ReadInt32LittleEndian(bytes) : 0;
            return taken;
        }

        internal bool TryByte(out byte value)
        {
            bool taken = TryTake(1, out ReadOnlySpan<byte> bytes);
            value = taken ? bytes[0] : (byte)0;
            return taken;
        }
    }
}
