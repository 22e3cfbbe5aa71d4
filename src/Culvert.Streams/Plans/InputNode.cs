namespace Culvert.Streams;

/// <summary>Stands in a plan that was read back for whatever an operator reads from, of which only the schema is known.</summary>
internal sealed class InputNode(Schema schema) : Node(schema);
