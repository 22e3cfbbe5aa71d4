using Culvert.Streams;

namespace Culvert.JobFiles.Tests.Fakes;

/// <summary>Connectors that keep what they were asked for.</summary>
internal sealed class FakeConnectors : IConnectors
{
    public IReadOnlyList<string> Generators => ["sensors", "flights"];

    public Outcome<SourceSpec> Csv(CsvRequest request, Schema schema) => new FakeSource("csv", request.Paths) { Request = request };

    public Outcome<SourceSpec> Lines(IReadOnlyList<string> paths, bool follow) => new FakeSource("lines", paths);

    public Outcome<GeneratedSource> Generate(string name, IReadOnlyDictionary<string, string> settings) =>
        settings.Keys.FirstOrDefault(k => k != "sensors") is { } unknown
            ? new Failure(FailureKind.Malformed, $"the generator '{name}' has no setting '{unknown}'")
            : new GeneratedSource(
                new FakeSource("generate " + name, []),
                new Schema(
                    new Field("sensor", new ColumnType(ValueKind.Int32)),
                    new Field("time", new ColumnType(ValueKind.DateTime)),
                    new Field("value", new ColumnType(ValueKind.Float64))));

    public Outcome<SinkSpec> Sink(SinkRequest request) => new FakeSink(request);
}

internal sealed class FakeSource(string kind, IReadOnlyList<string> paths) : SourceSpec
{
    internal IReadOnlyList<string> Paths { get; } = paths;

    internal CsvRequest? Request { get; init; }

    public override string Canonical => kind;

    public override string Description => $"{kind} {string.Join(' ', Paths)}".TrimEnd();
}

internal sealed class FakeSink(SinkRequest request) : SinkSpec
{
    internal SinkRequest Request { get; } = request;

    public override string Canonical => Request.Kind.ToString();

    public override string Description => $"{Request.Kind} {Request.Path}".TrimEnd();
}
