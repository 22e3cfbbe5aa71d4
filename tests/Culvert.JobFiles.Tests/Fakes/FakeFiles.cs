using Culvert.Streams;

namespace Culvert.JobFiles.Tests.Fakes;

/// <summary>A folder with a few files in memory; every CSV file has the columns that the options name, then a and b.</summary>
internal sealed class FakeFiles : IJobFiles
{
    internal Dictionary<string, string> Texts { get; } = new() { ["map.lua"] = "map", ["filter.lua"] = "filter", ["reduce.lua"] = "reduce", ["broken.lua"] = "broken" };

    public Outcome<string> ReadText(string path, int lengthMax) =>
        Texts.TryGetValue(path, out string? text) ? text : new Failure(FailureKind.Missing, $"there is no file '{path}'");

    public Outcome<Schema> ProbeCsv(IReadOnlyList<string> paths, CsvOptions options)
    {
        if (paths[0] == "missing.csv")
        {
            return new Failure(FailureKind.Missing, "there is no file 'missing.csv'");
        }

        IEnumerable<CsvColumn> columns = options.Columns.IsEmpty ? [new("a"), new("b")] : options.Columns;
        return new Schema(columns.Select(c => new Field(
            c.Name, c.Type ?? options.Types.GetValueOrDefault(c.Name, new ColumnType(ValueKind.Int64, Nullable: true)))));
    }

    public Outcome<LookupTable> ReadTable(string path, string on, ColumnType onType, IReadOnlyList<string> add)
    {
        if (path != "carriers.csv")
        {
            return new Failure(FailureKind.Missing, $"there is no file '{path}'");
        }

        if (add.FirstOrDefault(a => a != "name") is { } unknown)
        {
            return new Failure(FailureKind.Mismatch, $"the table '{path}' has no column '{unknown}'");
        }

        Schema values = new(add.Select(a => new Field(a, new ColumnType(ValueKind.Text))));
        return new LookupTable(path, onType, values, [new("AA", ["American"])]);
    }
}
