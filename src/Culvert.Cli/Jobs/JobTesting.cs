using System.Text;
using Culvert.Engine;
using Culvert.JobFiles;
using Culvert.Streams;

namespace Culvert.Cli.Jobs;

/// <summary>Runs a job over what a test gives it, as the engine runs any other.</summary>
internal static class JobTesting
{
    /// <summary>The rows that reach the job's one sink; a run that fails is the test's failure.</summary>
    internal static Outcome<JobTestRows> Run(Job job, JobTestInput input)
    {
        using Batch? rows = input.Rows;
        string? folder = null;
        try
        {
            SourceSpec source;
            if (rows is not null)
            {
                source = new RowsSourceSpec(rows);
            }
            else if (input.Source.Source is CsvSourceSpec csv)
            {
                folder = Directory.CreateTempSubdirectory("culvert-test-").FullName;
                string file = Path.Combine(folder, "input");
                File.WriteAllText(file, input.Text, new UTF8Encoding(false));
                source = csv.WithInputs([file]);
            }
            else
            {
                return new Failure(FailureKind.Mismatch, "the source reads no file, so that the input has to be rows");
            }

            using ResultRows result = new();
            Job changed = NodeRewriter.Rewrite(job, node =>
                ReferenceEquals(node, input.Source) ? new SourceNode(source, input.Source.Schema).With(input.Source.Name)
                : null);
            SinkNode sink = changed.Sinks[0];
            Job tested = NodeRewriter.With(changed, [new SinkNode(sink.Inputs[0], result.Sink)]);
            new LocalRunner(new RunOptions { Workers = 1 }).RunAsync(tested).GetAwaiter().GetResult();
            Schema schema = result.Schema ?? sink.Schema;
            return new JobTestRows(schema, [.. result.Batches.SelectMany(b => Enumerable.Range(0, b.Count).Select(b.GetRow))]);
        }
        catch (Exception failure) when (failure is JobFailedException or PlanException)
        {
            return new Failure(FailureKind.Malformed, $"the run failed: {failure.Message}");
        }
        finally
        {
            if (folder is not null)
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }
}
