using System.Text;
using Culvert.Cli.Jobs;
using Culvert.Cli.Output;
using Culvert.Engine;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Cli.Commands;

/// <summary>Where a run's result goes: to the job's own sinks, or in the first one's place to what the command line says.</summary>
internal sealed class ResultOutput : IDisposable
{
    private readonly SinkSpec? _sink;
    private readonly ResultRows? _rows;
    private readonly OutputFile? _file;
    private readonly TextWriter? _text;

    private ResultOutput(SinkSpec? sink, ResultRows? rows, OutputFile? file, TextWriter? text) =>
        (_sink, _rows, _file, _text) = (sink, rows, file, text);

    /// <summary>The sink that was chosen; null for the job's own.</summary>
    internal SinkSpec? Sink => _sink;

    /// <summary>A sealed result.</summary>
    internal static ResultOutput Sealed(Job job, string path, Func<Secret> owner, RunCoverage coverage) =>
        new(SealedResultSinkSpec.For(job, path, owner, coverage), null, null, null);

    internal static ResultOutput Choose(RunRequest request)
    {
        string path = request.Output ?? "-";
        switch (request.EffectiveFormat)
        {
            case "json":
                ResultRows rows = new();
                return new ResultOutput(rows.Sink, rows, path == "-" ? null : new OutputFile(path), null);
            case "jsonl":
                return new ResultOutput(Connectors.ToPath(path, new JsonLinesFormat()), null, null, null);
            case "csv":
                return new ResultOutput(Connectors.ToPath(path, new CsvFormat()), null, null, null);
            case "table" when path == "-":
                return new ResultOutput(new TableSinkSpec(Terminal.Out), null, null, null);
            case "table":
                OutputFile file = new(path);
                StreamWriter text = new(file.Stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
                return new ResultOutput(new TableSinkSpec(text), null, file, text);
            default:
                return new ResultOutput(null, null, null, null);
        }
    }

    /// <summary>The job with the chosen sink in the place of its first.</summary>
    internal Job Apply(Job job) => _sink is null
        ? job
        : NodeRewriter.With(job, [(SinkNode)new SinkNode(job.Sinks[0].Inputs[0], _sink).With(job.Sinks[0].Name), .. job.Sinks.Skip(1)]);

    /// <summary>Writes what could not be written before all of it was there, and gives a file its name.</summary>
    internal void Write(string job, RunReport report)
    {
        if (_rows is not null)
        {
            if (_file is null)
            {
                ResultJson.Write(DescriptorStream.StandardOutput, job, report, _rows);
            }
            else
            {
                _file.Write(stream => ResultJson.Write(stream, job, report, _rows));
            }
        }

        _file?.Write(_ => _text?.Flush());
        _file?.Complete();
    }

    public void Dispose()
    {
        _rows?.Dispose();
        _file?.Dispose();
    }
}
