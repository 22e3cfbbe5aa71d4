using System.Collections.Immutable;
using Culvert.JobFiles.Yaml;

namespace Culvert.JobFiles.Reading;

/// <summary>Reads tests.</summary>
internal static class TestReader
{
    internal static ImmutableArray<JobFileTest> Read(YamlNode? tests) =>
        [.. ((tests as YamlList)?.Items ?? []).OfType<YamlMap>().Select(m => Read(new Section(m))).OfType<JobFileTest>()];

    private static JobFileTest? Read(Section test)
    {
        if (test.Text("name") is not { } name || !test.Has("input") || !test.Has("output"))
        {
            return null;
        }

        return new JobFileTest(
            name,
            test.Map.Place.Line,
            (test.Node("input") as YamlScalar)?.Value,
            test.Node("input") is YamlList ? Rows(test, "input") : null,
            Rows(test, "output"))
        {
            Source = test.Text("source"),
            Sink = test.Text("sink"),
            InOrder = test.Flag("in order"),
        };
    }

    private static ImmutableArray<TestRow> Rows(Section test, string key) =>
        [
            .. ((test.Node(key) as YamlList)?.Items ?? []).OfType<YamlMap>().Select(m => new TestRow(
                [
                    .. m.Entries.Select(e => KeyValuePair.Create(e.Key.Value, e.Value is YamlScalar { IsNull: false } s ? s.Value : null)),
                ])),
        ];
}
