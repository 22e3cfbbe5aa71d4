using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Culvert.JobFiles.Keys;
using Culvert.JobFiles.Reading;
using Culvert.JobFiles.Yaml;
using Culvert.Streams;

namespace Culvert.JobFiles;

/// <summary>Runs a job with its source replaced, and gives the rows that reach its one sink.</summary>
public delegate Outcome<JobTestRows> JobTestRunner(Job job, JobTestInput input);

/// <summary>The tests that stand beside a job: in its file, or in a file of their own (<c>job.tests.yaml</c>).</summary>
public static class JobFileTests
{
    /// <summary>Reads a file of tests; the diagnostics say what is wrong with it.</summary>
    public static (ImmutableArray<JobFileTest> Tests, ImmutableArray<Diagnostic> Diagnostics) Load(string text, string fileName)
    {
        DiagnosticList diagnostics = new(new SourceText(fileName, text));
        YamlNode? root = YamlFile.Read(diagnostics);
        if (root is not null)
        {
            new ObjectShape(Vocabulary.TestFile).Check(root, diagnostics);
        }

        ImmutableArray<JobFileTest> tests = diagnostics.ErrorCount == 0 ? TestReader.Read((root as YamlMap)?.Find("tests")) : [];
        return (tests, diagnostics.ToImmutable());
    }

    /// <summary>Runs one test. What the job refuses is a difference too; only a runner that throws throws.</summary>
    public static JobTestResult Run(JobFile file, JobFileTest test, JobTestRunner run)
    {
        Outcome<(Job Job, JobTestInput Input)> prepared = Prepare(file, test);
        Outcome<JobTestRows> outcome = prepared.Succeeded ? run(prepared.Value.Job, prepared.Value.Input) : prepared.Failure;
        return outcome.Succeeded
            ? new JobTestResult(test, [.. RowComparison.Compare(test.Output, outcome.Value, test.InOrder)])
            : new JobTestResult(test, [outcome.Failure.Message]);
    }

    private static Outcome<(Job Job, JobTestInput Input)> Prepare(JobFile file, JobFileTest test)
    {
        SourceNode[] sources = [.. file.Streams.Values.OfType<SourceNode>()];
        SourceNode? source = test.Source is { } name ? file.Streams.GetValueOrDefault(name) as SourceNode : sources.Length == 1 ? sources[0] : null;
        if (source is null)
        {
            return new Failure(FailureKind.Missing, test.Source is null
                ? $"the job has {sources.Length} sources: say with 'source' which one the input replaces"
                : $"there is no source '{test.Source}'{NearestName.Hint(test.Source, sources.Select(s => s.Name!))}");
        }

        Job job = NodeRewriter.With(file.Job, [file.Job.Sinks[0]]);
        if (test.Sink is { } stage)
        {
            Outcome<Job> peek = file.Peek(stage, file.Job.Sinks[0].Sink);
            if (!peek.Succeeded)
            {
                return peek.Failure;
            }

            job = peek.Value;
        }

        if (test.InputRows is not { } rows)
        {
            return (job, new JobTestInput(source, test.InputText, null));
        }

        Outcome<Batch> batch = ToBatch(rows, source.Schema);
        return batch.Succeeded ? (job, new JobTestInput(source, null, batch.Value)) : batch.Failure;
    }

    private static Outcome<Batch> ToBatch(ImmutableArray<TestRow> rows, Schema schema)
    {
        string? unknown = rows.SelectMany(r => r.Values.Select(v => v.Key)).FirstOrDefault(k => schema.IndexOf(k) < 0);
        if (unknown is not null)
        {
            return new Failure(FailureKind.Mismatch, $"the source has no column '{unknown}'{NearestName.Hint(unknown, schema.Fields.Select(f => f.Name))}");
        }

        object?[,] values = new object?[rows.Length, schema.Count];
        for (int row = 0; row < rows.Length; row++)
        {
            Dictionary<string, string?> given = rows[row].Values.ToDictionary(v => v.Key, v => v.Value, StringComparer.Ordinal);
            for (int i = 0; i < schema.Count; i++)
            {
                string? text = given.GetValueOrDefault(schema[i].Name);
                Outcome<object?> value = text is not null ? Parse(text, schema[i].Type)
                    : schema[i].Type.Nullable ? (object?)null
                    : given.ContainsKey(schema[i].Name) ? new Failure(FailureKind.Mismatch, "it cannot be missing")
                    : Default(schema[i].Type);
                if (!value.Succeeded)
                {
                    return new Failure(FailureKind.Mismatch, string.Create(CultureInfo.InvariantCulture, $"input row {row + 1}: '{schema[i].Name}' is {schema[i].Type}, and {value.Failure.Message}"));
                }

                values[row, i] = value.Value;
            }
        }

        Column[] columns = new Column[schema.Count];
        for (int i = 0; i < columns.Length; i++)
        {
            ColumnBuilder builder = ColumnBuilder.Create(schema[i].Type);
            for (int row = 0; row < rows.Length; row++)
            {
                builder.AppendObject(values[row, i]);
            }

            columns[i] = builder.Build();
        }

        return new Batch(schema, columns, rows.Length);
    }

    private static Outcome<object?> Default(ColumnType type) => Outcome(
        type.Kind == ValueKind.Text ? string.Empty : type.Kind == ValueKind.Bytes ? Array.Empty<byte>() : ValueKinds.Visit(type.Kind, new DefaultValue()));

    private static Outcome<object?> Outcome(object? value) => value;

    private static Outcome<object?> Parse(string text, ColumnType type)
    {
        CultureInfo culture = CultureInfo.InvariantCulture;
        try
        {
            return Outcome(type.Kind switch
            {
                ValueKind.Text => text,
                ValueKind.Bytes => Encoding.UTF8.GetBytes(text),
                ValueKind.Bool => bool.Parse(text),
                ValueKind.DateTime => DateTime.Parse(text, culture, DateTimeStyles.AdjustToUniversal),
                ValueKind.DateTimeOffset => DateTimeOffset.Parse(text, culture, DateTimeStyles.AssumeUniversal),
                ValueKind.TimeSpan => Duration.TryParse(text, out TimeSpan span) ? span : TimeSpan.Parse(text, culture),
                _ => Convert.ChangeType(text, type.StorageType, culture),
            });
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            return new Failure(FailureKind.Malformed, $"'{text}' is none");
        }
    }

    private sealed class DefaultValue : IValueKindVisitor<object>
    {
        public object Visit<T>()
            where T : unmanaged => default(T);
    }
}
