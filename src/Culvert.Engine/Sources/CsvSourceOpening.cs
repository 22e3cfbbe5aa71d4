using System.Collections.Immutable;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>The one-time work before a source of CSV can be read: files, heads, names and types.</summary>
internal sealed class CsvSourceOpening(CsvSourceSettings settings, ColumnPool pool, Stream? standardInput)
{
    private const int PartitionsMax = 4096;

    /// <summary>Bytes of a file looked at first for its first row.</summary>
    private const int HeadBytes = 64 << 10;

    /// <summary>Rows from which types are inferred.</summary>
    private const int InferenceRows = 1000;

    private readonly List<(InputFile File, CsvShape Shape)> _shapes = [];
    private RowWindow? _feedWindow;

    public CsvSource Open()
    {
        CheckSettings();
        List<InputFile> files = [.. InputPaths.Expand(settings.Inputs).Select(OpenFile)];
        if (files.Count > 1 && (settings.Follow || files.Any(f => f.Feed is not null)))
        {
            throw new ArgumentException(settings.Follow ? "only one file can be followed" : "standard input cannot be read together with files");
        }

        foreach (InputFile file in files)
        {
            if (Inspect(file) is { } shape)
            {
                file.DataStart = shape.DataStart;
                _shapes.Add((file, shape));
            }
        }

        string[] wanted = settings.Wanted is { } names ? [.. names]
            : _shapes.Count > 0 ? [.. _shapes[0].Shape.Names]
            : [.. settings.Csv.Columns.Select(c => c.Name)];
        foreach ((InputFile file, CsvShape shape) in _shapes)
        {
            Outcome<CsvLayout> layout = shape.Find(wanted);
            file.Layout = layout.Succeeded ? layout.Value : throw new SourceFailedException($"{file.Path}: {layout.Failure.Message}");
        }

        return new CsvSource(settings, new Schema(Fields(wanted)), files, _feedWindow, pool);
    }

    private void CheckSettings()
    {
        settings.Csv.Validate();
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.PartitionCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(settings.PartitionCount, PartitionsMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.SplitBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.CompressedRoundBytes, 1);
        if (settings.Inputs.IsDefaultOrEmpty)
        {
            throw new ArgumentException("a CSV source needs at least one file");
        }

        if (settings.Csv.Malformed == MalformedRowPolicy.SetAside && settings.SetAsidePath is null)
        {
            throw new ArgumentException("to set malformed rows aside, say to which file");
        }
    }

    private InputFile OpenFile(string path)
    {
        if (path != InputPaths.StandardInput)
        {
            InputFile file = InputFile.Open(path, settings.Follow);
            return file.Compressed && settings.Follow
                ? throw new SourceFailedException($"{path}: a compressed file cannot be followed")
                : file;
        }

        return InputFile.FromStream(standardInput ?? Console.OpenStandardInput());
    }

    private CsvShape? Inspect(InputFile file)
    {
        RowWindow window = new(settings.Csv);
        try
        {
            window.Select(file);
            for (int count = HeadBytes; ; count = Math.Min(4 * count, settings.Csv.RowBytesMax))
            {
                ReadOnlySpan<byte> head = window.Head(count, out bool whole);
                Outcome<CsvShape?> shape = CsvShape.Inspect(head, whole, settings.Csv, settings.Wanted);
                if (!shape.Succeeded)
                {
                    throw new SourceFailedException($"{file.Path}: {shape.Failure.Message}");
                }

                if (shape.Value is not null || whole)
                {
                    return shape.Value;
                }

                if (count == settings.Csv.RowBytesMax)
                {
                    throw new SourceFailedException($"{file.Name}:1: a row of more than {settings.Csv.RowBytesMax} bytes; is a quote never closed, or is this no CSV?");
                }
            }
        }
        finally
        {
            if (file.Feed is not null)
            {
                _feedWindow = window;
            }
            else
            {
                window.Dispose();
            }
        }
    }

    private List<Field> Fields(string[] wanted)
    {
        ImmutableDictionary<string, ColumnType> types = settings.Csv.Types;
        Dictionary<string, ColumnType?> declared = settings.Csv.Columns.ToDictionary(c => c.Name, c => c.Type, StringComparer.Ordinal);
        ColumnType?[] found = [.. wanted.Select(n => types.TryGetValue(n, out ColumnType type) ? type : declared.GetValueOrDefault(n))];
        int[] unknown = [.. Enumerable.Range(0, wanted.Length).Where(i => found[i] is null)];
        if (unknown.Length > 0)
        {
            Infer(unknown, found);
        }

        return [.. wanted.Select((name, i) => new Field(name, found[i]!.Value))];
    }

    /// <summary>Reads the first rows of the first files as text, and takes for each column the type that fits them all.</summary>
    private void Infer(int[] unknown, ColumnType?[] types)
    {
        CsvInference[] inferences = [.. unknown.Select(_ => new CsvInference())];
        CsvOptions csv = settings.Csv with { Malformed = MalformedRowPolicy.Skip, MissingText = null };
        Schema text = new(unknown.Select(i => new Field($"{i}", new ColumnType(ValueKind.Text, true))));
        using CsvDecoder decoder = new(csv, text, pool);
        using CsvDecoded decoded = new();
        int rows = 0;
        bool all = true;
        foreach ((InputFile file, _) in _shapes)
        {
            if (rows >= InferenceRows)
            {
                all = false;
                break;
            }

            RowWindow window = file.Feed is not null ? _feedWindow! : new RowWindow(csv);
            window.Select(file);
            decoder.Layout = new CsvLayout(file.Layout!.FieldCount, [.. unknown.Select(i => file.Layout.Ordinals[i])]);
            rows += Sample(window, file, decoder, decoded, inferences, InferenceRows - rows, out bool whole);
            all &= whole;
            if (file.Feed is null)
            {
                window.Dispose();
            }
        }

        for (int i = 0; i < unknown.Length; i++)
        {
            types[unknown[i]] = inferences[i].Result(all);
        }
    }

    private static int Sample(RowWindow window, InputFile file, CsvDecoder decoder, CsvDecoded decoded, CsvInference[] inferences, int rowsMax, out bool whole)
    {
        int seen = 0;
        long at = file.DataStart;
        long limit = at + (4 * HeadBytes) - (HeadBytes / 2);
        bool ended = false;
        while (seen < rowsMax && !ended)
        {
            // Standard input cannot be read twice: its sample is what fits the window that its partition goes on with.
            long next = file.Feed is not null
                ? window.DecodeBuffered(at, Math.Min(limit, at + HeadBytes), decoder, decoded)
                : window.DecodeRows(at, at + HeadBytes, decoder, decoded, CancellationToken.None);
            ended = next == at || window.EndsAt(next) || decoded.RowTooLong >= 0;
            at = next;
            foreach (Batch batch in decoded.Batches)
            {
                int rows = Math.Min(batch.Count, rowsMax - seen);
                for (int c = 0; c < inferences.Length; c++)
                {
                    for (int r = 0; r < rows; r++)
                    {
                        inferences[c].Add(batch.Text(c).GetBytes(r), batch[c].IsNull(r));
                    }
                }

                seen += rows;
            }

            decoded.Clear();
        }

        whole = seen < rowsMax && window.EndsAt(at) && !file.Growing;
        return seen;
    }
}
