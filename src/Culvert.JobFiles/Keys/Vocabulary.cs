namespace Culvert.JobFiles.Keys;

/// <summary>Every key that a job file may have: the one table that the reader and the JSON schema come from.</summary>
internal static class Vocabulary
{
    /// <summary>Names of jobs, stages and sources: they end up in file names, labels and command lines.</summary>
    private static readonly TextShape Name = new("a name of letters, digits, '-', '_' and '.'", "^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$");

    private static readonly TextShape Text = new("text");
    private static readonly TextShape Path = new("the path of a file");
    private static readonly TextShape Expression = new("an expression such as ArrDelay > 0");
    private static readonly DurationShape Span = new();
    private static readonly TypeShape Type = new();
    private static readonly ListShape Names = new(Text, "a list of names");
    private static readonly MapShape Types = new(Type, "a map from columns to types");
    private static readonly ListShape Columns = new(Text, "a list of columns");
    private static readonly MapShape Expressions = new(Expression, "a map from names to expressions");
    private static readonly EitherShape Keyed = new(new TextShape("a column"), Columns, Expressions);

    private static readonly Key Protection = new(
        "protection", new ChoiceShape("open", "sealed", "enclave", "homomorphic"), "Where the data may be seen: by the host (open), the worker process (sealed), attested code only (enclave), nobody (homomorphic).");

    private static readonly Key Constraints = new(
        "constraints", Names, "Labels that a node must have for this to be placed there.");

    internal static KeySet Malformed { get; } = new(
        "malformed", "a rule for malformed rows",
        new Key("set aside", Path, "The file that malformed rows are appended to, relative to the job file.") { Required = true });

    internal static KeySet Source { get; } = new(
        "source", "a source",
        new Key("csv", new EitherShape(Path, new ListShape(Path, "a list of files")), "Files with separated values, relative to the job file: a path, a pattern such as 200?.csv.gz, a list of both, or - for standard input."),
        new Key("lines", new EitherShape(Path, new ListShape(Path, "a list of files")), "Text files: every line is an event with the one column 'line'."),
        new Key("generate", Name, "A built-in generator, by its name: sensors or flights."),
        new Key("columns", new EitherShape(Columns, Types), "The names of the columns, in the order of the file: for files without a header line. A map gives types too.") { With = ["csv"] },
        new Key("types", Types, "Types by column; others are inferred from the first rows.") { With = ["csv"] },
        new Key("header", new ChoiceShape("auto", "present", "absent"), "Whether the first line of each file names the columns (default: auto, each file decides).") { With = ["csv"] },
        new Key("separator", new ChoiceShape("comma", "semicolon", "tab", "bar"), "What stands between fields (default: comma).") { With = ["csv"] },
        new Key("quote", new BoolShape(), "Whether a field may stand in double quotes (default: true).") { With = ["csv"] },
        new Key("missing", new ListShape(new TextShape("text"), "a list of texts"), "The texts that mean that there is no value (default: the empty one).") { With = ["csv"] },
        new Key("malformed", new EitherShape(new ChoiceShape("fail", "skip"), new ObjectShape(Malformed)), "What happens to rows that cannot be read: fail (the default), skip, or {set aside: FILE}.") { With = ["csv"] },
        new Key("follow", new BoolShape(), "Whether to wait for more when the end of the file is reached (default: false).") { With = ["csv", "lines"] },
        new Key("with", new MapShape(new ValueShape(), "a map of settings"), "The generator's settings.") { With = ["generate"] })
    {
        ExactlyOne = ["csv", "lines", "generate"],
    };

    internal static KeySet Window { get; } = new(
        "window", "a window",
        new Key("tumbling", Span, "Windows of this length, side by side."),
        new Key("sliding", Span, "Windows of this length that overlap."),
        new Key("by", Span, "How far apart sliding windows start.") { With = ["sliding"] })
    {
        ExactlyOne = ["tumbling", "sliding"],
    };

    internal static KeySet Lookup { get; } = new(
        "lookup", "a lookup",
        new Key("table", Path, "The CSV file with the table, relative to the job file.") { Required = true },
        new Key("key", Expression, "The key of an event: a column or an expression.") { Required = true },
        new Key("on", Text, "The table's column that holds the key.") { Required = true },
        new Key("add", Columns, "The table's columns that events get.") { Required = true },
        new Key("unmatched", new ChoiceShape("keep", "drop"), "What happens to events whose key is not in the table (default: keep, with missing values)."));

    internal static KeySet Lua { get; } = new(
        "lua", "a Lua operator",
        new Key("map", Path, "The script whose function makes an event of an event, or drops it by returning nil."),
        new Key("filter", Path, "The script whose function tells whether an event is kept."),
        new Key("reduce", Path, "The script whose function folds the events of a key into an accumulator."),
        new Key("by", Keyed, "The key: a column, a list of columns, or a map from names to expressions.") { With = ["reduce"] },
        new Key("returns", Types, "The columns that the function returns, with their types.") { With = ["map", "reduce"] })
    {
        ExactlyOne = ["map", "filter", "reduce"],
    };

    internal static KeySet Stage { get; } = new(
        "stage", "a stage",
        new Key("name", Name, "What the stage is called: other stages read from it by this name, and peek shows it."),
        new Key("from", Name, "The stage or source that it reads from (default: the one above)."),
        new Key("where", Expression, "Keeps the events for which this is true."),
        new Key("select", new EitherShape(Columns, Expressions), "The new columns: a list of columns to keep, or a map from names to expressions."),
        new Key("aggregate", Expressions, "What is computed per group: count(), sum(x), min(x), max(x) or avg(x), by name."),
        new Key("group by", Keyed, "The key: a column, a list of columns, or a map from names to expressions. Without it all events are one group.") { With = ["aggregate"] },
        new Key("window", new ObjectShape(Window), "Windows over event time: {tumbling: 60s} or {sliding: 60s, by: 1s}.") { With = ["aggregate"] },
        new Key("lateness", Span, "How long after its end a window still takes late events in (default: 0s).") { With = ["window"] },
        new Key("late", Name, "Names the stream of the events that came too late for every window, for other stages and sinks to read.") { With = ["window"] },
        new Key("event time", Expression, "The time of an event: a datetime column or expression."),
        new Key("disorder", Span, "By how much an event may be older than the newest before it without being late (default: 0s).") { With = ["event time"] },
        new Key("lookup", new ObjectShape(Lookup), "Joins events with the rows of a static table."),
        new Key("merge", new ListShape(Name, "a list of stages and sources"), "The stages and sources whose events are read together; all have the same columns."),
        new Key("partition by", Keyed, "Sends events with equal keys to the same partition."),
        new Key("dispatch", new ChoiceShape("round robin", "broadcast", "gather", "forward"), "Sends events to partitions in turn, all to each, all to the first, or each to its producer's own."),
        new Key("partitions", new WholeShape(1, 1024), "The number of partitions that follow.") { With = ["partition by", "dispatch"] },
        new Key("lua", new ObjectShape(Lua), "A Lua function as an operator."),
        Protection,
        Constraints,
        new Key("apart", new BoolShape(), "Keeps the stage from being fused with the one it reads from (default: false)."))
    {
        ExactlyOne = ["where", "select", "aggregate", "event time", "lookup", "merge", "partition by", "dispatch", "lua"],
    };

    internal static KeySet Table { get; } = new(
        "table", "a table's settings",
        new Key("rows", new WholeShape(1, 1_000_000), "How many rows are shown at most."));

    internal static KeySet Discard { get; } = new("discard", "discard's settings");

    internal static KeySet Sink { get; } = new(
        "sink", "a sink",
        new Key("table", new ObjectShape(Table), "A table on the terminal: {} or {rows: 20}."),
        new Key("csv", Path, "A CSV file, relative to the job file; - for standard output."),
        new Key("jsonl", Path, "A file with a JSON object per line, relative to the job file; - for standard output."),
        new Key("discard", new ObjectShape(Discard), "Nowhere: events are counted and dropped."),
        new Key("from", Name, "The stage or source whose events it receives (default: the last stage)."))
    {
        ExactlyOne = ["table", "csv", "jsonl", "discard"],
    };

    internal static KeySet Test { get; } = new(
        "test", "a test",
        new Key("name", Text, "What the test shows.") { Required = true },
        new Key("input", new EitherShape(new TextShape("the text of an input file"), new ListShape(new MapShape(new ValueShape(), "a row"), "a list of rows")), "What the source reads: the text of a file, or rows as maps.") { Required = true },
        new Key("source", Name, "Which source the input replaces, where there are several."),
        new Key("sink", Name, "The stage whose output is compared (default: what the first sink receives)."),
        new Key("output", new ListShape(new MapShape(new ValueShape(), "a row"), "a list of rows"), "The rows that come out; columns that are not named are not compared.") { Required = true },
        new Key("in order", new BoolShape(), "Whether the rows must come in this order (default: false)."));

    internal static KeySet Job { get; } = new(
        "job", "a job file",
        new Key("job", Name, "The name of the job.") { Required = true },
        new Key("description", Text, "What it does, for people."),
        new Key("source", new ObjectShape(Source), "Where events come from."),
        new Key("sources", new MapShape(new ObjectShape(Source), "a map from names to sources"), "Several sources, by name."),
        new Key("stages", new ListShape(new ObjectShape(Stage), "a list of stages"), "What happens to events, step by step."),
        new Key("sink", new EitherShape(new ChoiceShape("table", "discard"), new ObjectShape(Sink)), "Where the last stage's events go."),
        new Key("sinks", new ListShape(new ObjectShape(Sink), "a list of sinks"), "Several sinks."),
        Protection,
        new Key("workers", new WholeShape(1, 1024), "How many workers run it, unless the command line says otherwise."),
        new Key("partitions", new WholeShape(1, 1024), "The partitions of keyed stages that name no number (default: 8)."),
        new Key("tests", new ListShape(new ObjectShape(Test), "a list of tests"), "Tests that 'culvert test' runs."));

    internal static KeySet TestFile { get; } = new(
        "tests", "a file of tests",
        new Key("tests", new ListShape(new ObjectShape(Test), "a list of tests"), "Tests of the job file of the same name.") { Required = true });

    /// <summary>The maps that stand in a job file.</summary>
    internal static KeySet[] Inner { get; } = [Source, Malformed, Stage, Window, Lookup, Lua, Sink, Table, Discard, Test];
}
