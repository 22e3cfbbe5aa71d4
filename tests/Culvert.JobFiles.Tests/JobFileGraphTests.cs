using Culvert.JobFiles.Tests.Fakes;
using Culvert.Streams;

namespace Culvert.JobFiles.Tests;

public class JobFileGraphTests
{
    private const string Source = """
        job: j
        source:
          csv: in.csv
          columns: { k: text, x: int32?, t: datetime }

        """;

    private static string Graph(string text) => Jobs.Show(Jobs.Good(text).Job);

    [Fact]
    public void A_job_without_stages_and_sinks_shows_its_source_as_a_table() =>
        Assert.Equal("0 source: source csv in.csv\n1 sink Table <- 0", Graph(Source));

    [Fact]
    public void Late_events_are_a_stream_of_their_own_with_a_sink() =>
        Assert.Equal(
            """
            0 source: source csv in.csv
            1 time t disorder 00:00:05 <- 0
            2 a: aggregate [k=k] n=Count() tumbling 00:01:00, lateness 00:00:02 <- 1
            3 sink Csv out.csv <- 2
            4 missed: late <- 2
            5 sink JsonLines late.jsonl <- 4
            """,
            Graph(Source + """
                stages:
                  - event time: t
                    disorder: 5s
                  - name: a
                    group by: k
                    window: { tumbling: 1m }
                    lateness: 2s
                    late: missed
                    aggregate: { n: count() }
                sinks:
                  - csv: out.csv
                  - jsonl: late.jsonl
                    from: missed
                """));

    [Fact]
    public void A_selection_keeps_the_time_so_that_a_window_can_follow() =>
        Assert.Equal("key, $time", string.Join(", ", ((SelectNode)Jobs.Good(Source + """
            stages:
              - event time: t
              - name: s
                select: { key: k }
              - window: { tumbling: 1m }
                aggregate: { n: count() }
            """).Streams["s"]).Schema.Fields.Select(f => f.Name)));

    [Fact]
    public void Sources_are_merged_looked_up_and_partitioned() =>
        Assert.Equal(
            """
            0 a: source lines a.txt
            1 b: source lines b.txt
            2 merge <- 0,1
            3 lookup line in carriers.csv drop <- 2
            4 partition ByKey [line=line] 16 <- 3
            5 partition Broadcast [] <- 4
            6 sink Discard <- 5
            """,
            Graph("""
                job: j
                sources:
                  a: { lines: a.txt }
                  b: { lines: b.txt }
                stages:
                  - merge: [a, b]
                  - lookup: { table: carriers.csv, key: line, on: code, add: [name], unmatched: drop }
                  - partition by: line
                    partitions: 16
                  - dispatch: broadcast
                sink: discard
                """));

    [Fact]
    public void Marks_are_on_the_node_and_on_the_job()
    {
        JobFile file = Jobs.Good(Source + """
            protection: sealed
            partitions: 32
            workers: 3
            stages:
              - name: s
                where: x > 0
                protection: enclave
                constraints: [west, east]
                apart: true
            """);
        Node node = file.Streams["s"];

        Assert.Equal((Protection.Sealed, 32, 3), (file.Job.Protection, file.Job.KeyPartitions, file.Workers!.Value));
        Assert.Equal((Protection.Enclave, true), (node.Protection!.Value, node.Apart));
        Assert.Equal(["east", "west"], node.Constraints);
    }

    [Fact]
    public void Input_replaces_the_files_of_the_only_source()
    {
        JobFile file = Jobs.Good(Source, Jobs.Context() with { Input = ["2008.csv", "2007.csv"] });

        Assert.Equal("source csv 2008.csv 2007.csv", Jobs.Show(file.Job).Split('\n')[0]["0 source: ".Length..]);
    }

    [Fact]
    public void Peek_sends_what_flows_at_a_stage_to_another_sink_and_drops_the_rest()
    {
        JobFile file = Jobs.Good(Source + "stages:\n  - name: s\n    where: x > 0\n  - name: u\n    select: [k]\n");

        Job peek = file.Peek("s", new FakeSink(new SinkRequest(SinkKind.Table))).Value;

        Assert.Equal(["SourceNode", "WhereNode", "SinkNode"], NodeRewriter.Nodes(peek).Select(n => n.GetType().Name));
        Assert.Equal(
            "the job 'j' has no stage 'ss'; did you mean 's'?; there are source, s, u",
            file.Peek("ss", new FakeSink(new SinkRequest(SinkKind.Table))).Failure!.Message);
    }

    [Fact]
    public void Rewriting_makes_anew_only_what_leads_from_the_replaced_node()
    {
        JobFile file = Jobs.Good(Source + "stages:\n  - name: s\n    where: x > 0\n");
        SourceNode other = new(new FakeSource("other", []), file.Streams["source"].Schema);

        Job rewritten = NodeRewriter.Rewrite(file.Job, n => n is SourceNode ? other : null);
        Job same = NodeRewriter.Rewrite(file.Job, _ => null);

        Assert.Same(other, rewritten.Sinks[0].Inputs[0].Inputs[0]);
        Assert.Equal("s", rewritten.Sinks[0].Inputs[0].Name);
        Assert.Same(file.Job.Sinks[0], same.Sinks[0]);
    }

    [Fact]
    public void Csv_options_are_those_of_the_file()
    {
        CsvRequest request = ((FakeSource)((SourceNode)Jobs.Good("""
            job: j
            source:
              csv: [a.csv, b.csv.gz]
              header: absent
              separator: tab
              quote: false
              missing: []
              columns: [a, b]
              types: { a: int32 }
              malformed: { set aside: bad.csv }
              follow: true
            """).Streams["source"]).Source).Request!;

        Assert.Equal(["a.csv", "b.csv.gz"], request.Paths);
        Assert.Equal((CsvHeader.Absent, '\t', null, MalformedRowPolicy.SetAside), (request.Options.Header, request.Options.Separator, request.Options.Quote, request.Options.Malformed));
        Assert.Equal(("bad.csv", true), (request.SetAside, request.Follow));
        Assert.Empty(request.Options.Missing);
        Assert.Equal([new CsvColumn("a", new ColumnType(ValueKind.Int32)), new CsvColumn("b")], request.Options.Columns);
    }
}
