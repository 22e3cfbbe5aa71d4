using Culvert.Streams;

namespace Culvert.JobFiles.Tests.Fakes;

/// <summary>Scripts whose text is their role.</summary>
internal sealed class FakeScripts : IScriptOperators
{
    public Outcome<Code> Map(string name, string source, Schema input, Schema? output) =>
        source == "broken" ? new Failure(FailureKind.Malformed, $"{name}:3: '=' expected near 'x'")
        : output is null ? new Failure(FailureKind.Missing, $"{name}: say what it returns with 'returns'")
        : new FakeCode(name, input, output);

    public Outcome<Code> Filter(string name, string source, Schema input) => new FakeCode(name, input, input);

    public Outcome<FoldCode> Reduce(string name, string source, Schema input, Schema? output) =>
        new FakeFold(name, input, output ?? new Schema(new Field("n", new ColumnType(ValueKind.Int64))));

    public IReadOnlyList<string> Lint(string name, string source) => source == "broken" ? [$"{name}:1: the global 'x' is written to"] : [];

    private sealed class FakeCode(string name, Schema input, Schema output) : Code
    {
        public override Schema Input => input;

        public override Schema Output => output;

        public override string Identity => name;

        public override string Description => name;

        public override ICodeInstance Create() => throw new NotSupportedException();
    }

    private sealed class FakeFold(string name, Schema input, Schema output) : FoldCode
    {
        public override Schema Input => input;

        public override Schema Output => output;

        public override string Identity => name;

        public override string Description => name;

        public override bool EmitsPerEvent => false;

        public override IFoldInstance Create() => throw new NotSupportedException();
    }
}
