using System.Collections.Immutable;

namespace Culvert.Streams;

/// <summary>Ready-made <see cref="IPlanParts"/>. Safe for any number of threads.</summary>
public static class PlanParts
{
    /// <summary>Knows sources and sinks by their texts only, and no code: enough to look at a plan of expressions, and to run all of it but its ends.</summary>
    public static IPlanParts Opaque { get; } = new OpaqueParts();

    /// <summary>
    /// The parts of a plan that was compiled in this process: for a program whose enclave is the same executable, which builds
    /// its job again inside. Codes are found by identity and schemas, sources and sinks by their place and text.
    /// </summary>
    public static IPlanParts From(Plan built) => new BuiltParts(built);

    private sealed class OpaqueParts : IPlanParts
    {
        public Code? Code(string identity, Schema input, Schema output) => null;

        public FoldCode? Fold(string identity, Schema input, Schema output) => null;

        public SourceSpec? Source(int index, string canonical, Schema schema, int partitionCount) => new OpaqueSourceSpec(canonical, partitionCount);

        public SinkSpec? Sink(int index, string canonical, Schema schema) => new OpaqueSinkSpec(canonical);
    }

    private sealed class BuiltParts : IPlanParts
    {
        private readonly ImmutableArray<SourceNode> _sources;
        private readonly ImmutableArray<SinkNode> _sinks;
        private readonly ILookup<string, Code> _codes;
        private readonly ILookup<string, FoldCode> _folds;

        internal BuiltParts(Plan built)
        {
            Node[] nodes = [.. built.Stages.SelectMany(s => s.Operators).Select(o => o.Node)];
            _sources = [.. nodes.OfType<SourceNode>()];
            _sinks = [.. nodes.OfType<SinkNode>()];
            _codes = nodes.OfType<CodeNode>().Select(n => n.Code).ToLookup(c => c.Identity, StringComparer.Ordinal);
            _folds = nodes.OfType<FoldNode>().Select(n => n.Code).ToLookup(c => c.Identity, StringComparer.Ordinal);
        }

        public Code? Code(string identity, Schema input, Schema output) =>
            _codes[identity].FirstOrDefault(c => c.Input.Equals(input) && c.Output.Equals(output));

        public FoldCode? Fold(string identity, Schema input, Schema output) =>
            _folds[identity].FirstOrDefault(c => c.Input.Equals(input) && c.Output.Equals(output));

        public SourceSpec? Source(int index, string canonical, Schema schema, int partitionCount) =>
            index < _sources.Length && _sources[index].Source.Canonical == canonical && _sources[index].Schema.Equals(schema)
                ? _sources[index].Source
                : null;

        public SinkSpec? Sink(int index, string canonical, Schema schema) =>
            index < _sinks.Length && _sinks[index].Sink.Canonical == canonical && _sinks[index].Schema.Equals(schema)
                ? _sinks[index].Sink
                : null;
    }
}
