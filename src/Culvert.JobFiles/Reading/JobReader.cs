using System.Collections.Immutable;
using Culvert.JobFiles.Yaml;
using Culvert.Streams;

namespace Culvert.JobFiles.Reading;

/// <summary>Makes the graph of a job file: sources, then stages from top to bottom, then sinks.</summary>
internal sealed class JobReader(JobFileContext context, DiagnosticList diagnostics)
{
    /// <summary>What the only source is called.</summary>
    private const string OnlySource = "source";

    private readonly ReadingState _state = new(context, diagnostics);
    private readonly List<Place> _unreadNameless = [];

    /// <summary>The job; null, with complaints, when it cannot be made.</summary>
    internal JobFile? Read(YamlMap map)
    {
        Section job = new(map);
        IReadOnlyList<Section> stages = [.. ((job.Node("stages") as YamlList)?.Items ?? []).OfType<YamlMap>().Select(m => new Section(m))];
        foreach (string? name in stages.SelectMany(s => new[] { s.Text("name"), s.Text("late") }))
        {
            _state.NamesBelow.Add(name ?? string.Empty);
        }

        (Node? node, bool hasAbove) = ReadSources(job);
        StageReader reader = new(_state);
        NamedStream? unread = null;
        Section? nameless = null;
        foreach (Section stage in stages)
        {
            bool readsAbove = !stage.Has("from") && !stage.Has("merge");
            if (unread is not null && readsAbove)
            {
                unread.IsUsed = true;
            }

            if (nameless is { } lost && !readsAbove)
            {
                _unreadNameless.Add(lost.Map.Place);
            }

            nameless = stage.Has("name") ? null : stage;

            node = reader.Read(stage, node, hasAbove);
            hasAbove = true;
            unread = stage.Scalar("name") is { } name ? Define(name, node) : null;
        }

        ImmutableArray<SinkNode> sinks = ReadSinks(job, node, hasAbove, unread);
        if (diagnostics.ErrorCount == 0)
        {
            WarnUnused();
        }

        ImmutableArray<JobFileTest> tests = TestReader.Read(job.Node("tests"));
        CheckTests(job, tests);
        if (diagnostics.ErrorCount > 0 || job.Text("job") is not { } title || sinks.IsEmpty)
        {
            return null;
        }

        Job graph = new(title, sinks)
        {
            Protection = StageReader.ReadProtection(job) ?? Protection.Open,
            KeyPartitions = job.Whole("partitions") ?? DefaultKeyPartitions,
        };
        return new JobFile(graph, _state.Streams.Where(s => s.Node is not null).ToDictionary(s => s.Name, s => s.Node!, StringComparer.Ordinal))
        {
            Description = job.Text("description"),
            Workers = job.Whole("workers"),
            Tests = tests,
        };
    }

    /// <summary>The number of partitions that a job has when nobody says another.</summary>
    private static int DefaultKeyPartitions { get; } = new Job("default").KeyPartitions;

    private (Node?, bool) ReadSources(Section job)
    {
        SourceReader reader = new(_state);
        bool replace = context.Input.Count > 0;
        if (job.Has("source") == job.Has("sources"))
        {
            diagnostics.Error(job.Has("sources") ? job.PlaceOf("sources") : Place.Start, job.Has("sources")
                ? "a job has either 'source' or 'sources'"
                : "'source' is missing in a job file: where events come from");
            return (null, true);
        }

        if (job.Has("source"))
        {
            SourceNode? node = job.Inner("source") is { } source ? reader.Read(source, OnlySource, replace) : null;
            _state.Define(OnlySource, job.PlaceOf("source"), node, isSource: true);
            return (node, true);
        }

        IReadOnlyList<KeyValuePair<YamlScalar, YamlNode>> entries = (job.Node("sources") as YamlMap)?.Entries ?? [];
        if (replace && entries.Count > 1)
        {
            diagnostics.Error(job.PlaceOf("sources"), $"--input replaces the only source of a job, and this one has {entries.Count}");
            replace = false;
        }

        Node? last = null;
        foreach ((YamlScalar name, YamlNode value) in entries)
        {
            last = value is YamlMap map ? reader.Read(new Section(map), name.Value, replace) : null;
            _state.Define(name.Value, name.Place, last, isSource: true);
        }

        if (entries.Count == 0)
        {
            diagnostics.Error(job.PlaceOf("sources"), "there is no source");
        }

        return (entries.Count == 1 ? last : null, entries.Count <= 1);
    }

    private NamedStream? Define(YamlScalar name, Node? node)
    {
        _state.NamesBelow.Remove(name.Value);
        bool isNew = _state.Streams.All(s => s.Name != name.Value);
        _state.Define(name.Value, name.Place, node);
        return isNew ? _state.Streams.First(s => s.Name == name.Value) : null;
    }

    private ImmutableArray<SinkNode> ReadSinks(Section job, Node? last, bool hasLast, NamedStream? unread)
    {
        if (job.Has("sink") && job.Has("sinks"))
        {
            diagnostics.Error(job.PlaceOf("sinks"), "a job has either 'sink' or 'sinks'");
        }

        List<SinkNode> sinks = [];
        List<(Place Place, Section? Section, SinkKind Kind)> wanted = [];
        if (job.Node("sink") is YamlScalar word)
        {
            wanted.Add((word.Place, null, word.Value == "discard" ? SinkKind.Discard : SinkKind.Table));
        }
        else if (job.Inner("sink") is { } one)
        {
            wanted.Add((one.Map.Place, one, Kind(one)));
        }
        else if (job.Node("sinks") is YamlList list)
        {
            wanted.AddRange(list.Items.OfType<YamlMap>().Select(m => (m.Place, (Section?)new Section(m), Kind(new Section(m)))));
        }
        else if (!job.Has("sink") && !job.Has("sinks"))
        {
            wanted.Add((Place.Start, null, SinkKind.Table));
        }

        foreach ((Place place, Section? section, SinkKind kind) in wanted)
        {
            Node? from = last;
            if (section?.Scalar("from") is { } name)
            {
                from = _state.Find(name)?.Node;
            }
            else if (!hasLast)
            {
                diagnostics.Error(place, "'from' is missing: there is no stage and more than one source, so say what this sink receives");
            }
            else if (unread is not null)
            {
                unread.IsUsed = true;
            }

            SinkRequest request = new(kind, section?.Text(kind == SinkKind.Csv ? "csv" : "jsonl"), section?.Inner("table")?.Whole("rows"));
            if (from is not null && _state.Take(place, context.Connectors.Sink(request)) is { } spec)
            {
                sinks.Add(new SinkNode(from, spec));
            }
        }

        if (wanted.Count == 0 && job.Node("sinks") is YamlList)
        {
            diagnostics.Error(job.PlaceOf("sinks"), "there is no sink");
        }

        return [.. sinks];
    }

    private static SinkKind Kind(Section sink) =>
        sink.Has("csv") ? SinkKind.Csv
        : sink.Has("jsonl") ? SinkKind.JsonLines
        : sink.Has("discard") ? SinkKind.Discard
        : SinkKind.Table;

    private void WarnUnused()
    {
        foreach (Place place in _unreadNameless)
        {
            diagnostics.Warning(place, "nothing reads from this stage: it has no name, and the one below reads from elsewhere");
        }

        foreach (NamedStream stream in _state.Streams.Where(s => !s.IsUsed && !s.IsSource))
        {
            diagnostics.Warning(stream.Place, $"nothing reads from '{stream.Name}'");
        }
    }

    private void CheckTests(Section job, ImmutableArray<JobFileTest> tests)
    {
        foreach (YamlMap test in ((job.Node("tests") as YamlList)?.Items ?? []).OfType<YamlMap>())
        {
            foreach (string key in new[] { "source", "sink" })
            {
                if (new Section(test).Scalar(key) is { } name)
                {
                    _state.Find(name);
                }
            }
        }

        foreach (JobFileTest test in tests.GroupBy(t => t.Name).SelectMany(g => g.Skip(1)))
        {
            diagnostics.Warning(new Place(test.Line, 1), $"two tests are called '{test.Name}'");
        }
    }
}
