using Culvert.Streams;

namespace Culvert.Benchmarks.Keyed;

/// <summary>Events in columns, made beforehand; the same for the same number on every machine.</summary>
internal sealed class KeyedEvents
{
    /// <summary>Keys that occur.</summary>
    public const int Keys = 1_000;

    /// <summary>Both columns of a batch stay in a core's level 2 cache.</summary>
    private const int RowsPerBatch = 8192;

    private const uint Values = 2_000;

    private static readonly ColumnType s_number = new(ValueKind.Int32);
    private static readonly Schema s_schema = new(new Field(nameof(KeyedEvent.Key), s_number), new Field(nameof(KeyedEvent.Value), s_number));

    private KeyedEvents(Batch[] batches, long count) => (Batches, Count) = (batches, count);

    /// <summary>All events; nobody disposes them while a benchmark runs.</summary>
    public Batch[] Batches { get; }

    /// <summary>How many there are.</summary>
    public long Count { get; }

    /// <summary>Makes so many events.</summary>
    public static KeyedEvents Make(long count)
    {
        Batch[] batches = new Batch[(count + RowsPerBatch - 1) / RowsPerBatch];
        Parallel.For(0, batches.Length, index =>
        {
            int rows = (int)Math.Min(RowsPerBatch, count - ((long)index * RowsPerBatch));
            int[] keys = GC.AllocateUninitializedArray<int>(RowsPerBatch);
            int[] values = GC.AllocateUninitializedArray<int>(RowsPerBatch);
            for (int i = 0; i < rows; i++)
            {
                ulong bits = Mixed(((ulong)index * RowsPerBatch) + (ulong)i);
                keys[i] = (int)(((bits >> 32) * Keys) >> 32);
                values[i] = (int)(((bits & uint.MaxValue) * Values) >> 32) - (int)(Values / 2);
            }

            batches[index] = new Batch(s_schema, [new FixedColumn<int>(s_number, keys, rows), new FixedColumn<int>(s_number, values, rows)], rows);
        });
        return new KeyedEvents(batches, count);
    }

    /// <summary>The first events as rows, for peers that take rows.</summary>
    public KeyedEvent[] FirstRows(long count)
    {
        KeyedEvent[] rows = new KeyedEvent[count];
        for (int i = 0; i < rows.Length; i++)
        {
            Batch batch = Batches[i / RowsPerBatch];
            rows[i] = new KeyedEvent(batch.Fixed<int>(0).Values[i % RowsPerBatch], batch.Fixed<int>(1).Values[i % RowsPerBatch]);
        }

        return rows;
    }

    // SplitMix64's finaliser, over the event's number.
    private static ulong Mixed(ulong number)
    {
        ulong bits = (number + 1) * 0x9E37_79B9_7F4A_7C15;
        bits = (bits ^ (bits >> 30)) * 0xBF58_476D_1CE4_E5B9;
        bits = (bits ^ (bits >> 27)) * 0x94D0_49BB_1331_11EB;
        return bits ^ (bits >> 31);
    }
}
