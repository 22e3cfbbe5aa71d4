using System.Globalization;
using Culvert.Streams;

namespace Culvert.JobFiles.Tests.Fakes;

/// <summary>Loads job files with fakes behind the ports, and shows graphs as text.</summary>
internal static class Jobs
{
    internal static JobFileContext Context(string name = "job.yaml") =>
        new(name, new FakeConnectors()) { Files = new FakeFiles(), Scripts = new FakeScripts() };

    internal static JobFileReading Load(string text) => JobFile.Load(text, Context());

    /// <summary>A job file that must be good: its findings are the test's failure message.</summary>
    internal static JobFile Good(string text, JobFileContext? context = null)
    {
        JobFileReading reading = JobFile.Load(text, context ?? Context());
        Assert.True(reading.File is not null, string.Join('\n', reading.Diagnostics.Select(d => d.ToText())));
        return reading.File;
    }

    /// <summary>A node per line, inputs before what reads them.</summary>
    internal static string Show(Job job)
    {
        IReadOnlyList<Node> nodes = NodeRewriter.Nodes(job);
        Dictionary<Node, int> numbers = nodes.Select((n, i) => (n, i)).ToDictionary(p => p.n, p => p.i);
        return string.Join('\n', nodes.Select(n => string.Create(
            CultureInfo.InvariantCulture,
            $"{numbers[n]} {(n.Name is null ? "" : n.Name + ": ")}{Describe(n)}{(n.Inputs.IsEmpty ? "" : " <- " + string.Join(',', n.Inputs.Select(i => numbers[i])))}")));
    }

    private static string Describe(Node node) => node switch
    {
        SourceNode n => $"source {n.Source.Description}",
        SinkNode n => $"sink {n.Sink.Description}",
        WhereNode n => $"where {n.Predicate}",
        SelectNode n => $"select {Show(n.Columns)}",
        AggregateNode n => $"aggregate [{Show(n.Keys)}] {string.Join(", ", n.Aggregates.Select(a => $"{a.Name}={a.Function}({a.Argument})"))}{(n.Window is null ? "" : " " + n.Window)}",
        LateNode => "late",
        EventTimeNode n => $"time {n.Time} disorder {n.Disorder}",
        LookupNode n => $"lookup {n.Key} in {n.Table.Name}{(n.KeepUnmatched ? " keep" : " drop")}",
        MergeNode => "merge",
        PartitionNode n => $"partition {n.Dispatch} [{Show(n.Keys)}] {n.Count}".TrimEnd(),
        CodeNode n => $"code {n.Code.Description}",
        FoldNode n => $"fold [{Show(n.Keys)}] {n.Code.Description}",
        _ => throw new InvalidOperationException(node.GetType().Name),
    };

    private static string Show(IEnumerable<NamedExpr> columns) => string.Join(", ", columns.Select(c => $"{c.Name}={c.Value}"));
}
