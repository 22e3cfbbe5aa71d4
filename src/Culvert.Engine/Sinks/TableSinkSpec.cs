using System.Buffers;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// Rows as a table for people: what a round brings is sorted and printed when the round is complete, so that endless jobs
/// show their results as they come. At least once: a resumed run prints again what it had printed since its snapshot.
/// At most <c>rowsMax</c> rows are shown, and the others counted; by default all.
/// </summary>
public sealed class TableSinkSpec(TextWriter writer, int? rowsMax = null) : SinkSpec, IOpenableSink
{
    /// <inheritdoc/>
    public override string Canonical => Shown;

    /// <inheritdoc/>
    public string Form => "table";

    /// <inheritdoc/>
    public override string Description => "table";

    /// <inheritdoc/>
    public ISinkWriter Open(Schema schema, PartitionId partition, ReadOnlySpan<byte> position) => new Writer(writer, schema, rowsMax);

    private sealed class Writer(TextWriter output, Schema schema, int? rowsMax) : ISinkWriter
    {
        private const int WidthMax = 60;

        private readonly List<Batch> _pending = [];
        private readonly int[] _widths = [.. schema.Fields.Select(f => f.Name.Length)];
        private bool _headed;
        private long _shown;
        private long _hidden;

        public void Write(Batch batch, Round round) => _pending.Add(batch.Retain());

        public void CloseRound(Round round, Watermark watermark) => Print();

        public void Complete()
        {
            Print();
            if (_hidden > 0)
            {
                output.WriteLine($"… and {_hidden} more rows");
                output.Flush();
            }

            if (!_headed)
            {
                output.WriteLine("(no rows)");
                output.Flush();
            }
        }

        public void WritePosition(IBufferWriter<byte> writer)
        {
            writer.GetSpan(1)[0] = 1; // nothing to go back to: what a terminal shows stays there
            writer.Advance(1);
        }

        public void MakeDurable()
        {
        }

        public void Dispose()
        {
            foreach (Batch batch in _pending)
            {
                batch.Dispose();
            }

            _pending.Clear();
        }

        private void Print()
        {
            if (_pending.Count == 0)
            {
                return;
            }

            List<string[]> rows = [];
            foreach ((Batch batch, int row) in RowOrder.Sort(_pending, RowOrder.ForPeople(schema)))
            {
                rows.Add([.. batch.GetRow(row).Select(v => Cut(v is null ? "" : ValueText.Format(v)))]);
            }

            Dispose();
            int room = (int)Math.Min(rows.Count, Math.Max(0, (rowsMax ?? long.MaxValue) - _shown));
            _hidden += rows.Count - room;
            _shown += room;
            rows.RemoveRange(room, rows.Count - room);
            foreach (string[] row in rows)
            {
                for (int c = 0; c < row.Length; c++)
                {
                    _widths[c] = Math.Max(_widths[c], row[c].Length);
                }
            }

            if (!_headed)
            {
                PrintRow([.. schema.Fields.Select(f => f.Name)]);
                PrintRow([.. _widths.Select(w => new string('-', w))]);
                _headed = true;
            }

            foreach (string[] row in rows)
            {
                PrintRow(row);
            }

            output.Flush();
        }

        private void PrintRow(string[] cells)
        {
            for (int c = 0; c < cells.Length; c++)
            {
                bool number = schema[c].Type.IsNumeric;
                string cell = number ? cells[c].PadLeft(_widths[c]) : c == cells.Length - 1 ? cells[c] : cells[c].PadRight(_widths[c]);
                output.Write(c == 0 ? cell : "  " + cell);
            }

            output.WriteLine();
        }

        // What a file holds is not trusted to steer a terminal.
        private static string Cut(string text)
        {
            string clean = string.Concat(text.Select(ch => char.IsControl(ch) ? '\uFFFD' : ch));
            return clean.Length <= WidthMax ? clean : clean[..(WidthMax - 1)] + "…";
        }
    }
}
