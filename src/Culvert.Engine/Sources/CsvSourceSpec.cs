using System.Collections.Immutable;
using System.Globalization;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>CSV files as a job's source.</summary>
public sealed class CsvSourceSpec(CsvSourceSettings settings) : SourceSpec, IOpenableSource
{
    private Func<Stream>? _standardInput;

    private static readonly ImmutableArray<string> StandardInput = ["-"];

    /// <summary>What is read.</summary>
    public CsvSourceSettings Settings { get; } = settings;

    /// <inheritdoc/>
    public override int PartitionCount => Settings.Follow || ReadsStandardInput ? 1 : Settings.PartitionCount;

    /// <inheritdoc/>
    public override bool IsReplayable => !ReadsStandardInput;

    /// <inheritdoc/>
    public override bool CanProject => true;

    /// <inheritdoc/>
    public override string Description => $"csv {string.Join(' ', Settings.Inputs)}";

    /// <inheritdoc/>
    public override string Canonical
    {
        get
        {
            CsvOptions csv = Settings.Csv;
            string columns = string.Join(',', csv.Columns.Select(c => $"{Quote(c.Name)}:{c.Type}"));
            string types = string.Join(',', csv.Types.OrderBy(t => t.Key, StringComparer.Ordinal).Select(t => $"{Quote(t.Key)}:{t.Value}"));
            string missing = string.Join(',', csv.Missing.Select(Quote));
            return string.Create(
                CultureInfo.InvariantCulture,
                $"csv separator={(int)csv.Separator} quote={(int?)csv.Quote} header={csv.Header} columns=[{columns}] types=[{types}] missing=[{missing}] malformed={csv.Malformed} partitions={PartitionCount} split={Settings.SplitBytes} compressed={Settings.CompressedRoundBytes} follow={Settings.Follow}");
        }
    }

    private bool ReadsStandardInput => Settings.Inputs.AsSpan().SequenceEqual(StandardInput.AsSpan());

    /// <inheritdoc/>
    public override SourceSpec Project(Schema schema) =>
        new CsvSourceSpec(Settings with { Wanted = [.. schema.Fields.Select(f => f.Name)] }) { _standardInput = _standardInput };

    /// <summary>The same over other input.</summary>
    public CsvSourceSpec WithInputs(ImmutableArray<string> inputs) =>
        new(Settings with { Inputs = inputs }) { _standardInput = _standardInput };

    /// <summary>The same with another standard input: what was looked at before has been taken from the process's own.</summary>
    public CsvSourceSpec WithStandardInput(Func<Stream> open) => new(Settings) { _standardInput = open };

    /// <inheritdoc/>
    public ISource Open(Schema schema, IClock clock)
    {
        CsvOptions typed = Settings.Csv with { Types = Settings.Csv.Types.SetItems(schema.Fields.Select(f => KeyValuePair.Create(f.Name, f.Type))) };
        return CsvSource.Open(Settings with { Csv = typed, Wanted = [.. schema.Fields.Select(f => f.Name)] }, standardInput: ReadsStandardInput ? _standardInput?.Invoke() : null);
    }

    private static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
