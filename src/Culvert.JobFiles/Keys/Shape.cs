using System.Text.Json.Nodes;
using Culvert.JobFiles.Yaml;

namespace Culvert.JobFiles.Keys;

/// <summary>
/// What may stand at a place of a job file. The reader checks files against shapes and the published JSON schema is
/// written from them, so that an editor and Culvert never disagree.
/// </summary>
internal abstract class Shape
{
    /// <summary>What is wanted, for messages: <c>a number</c>.</summary>
    internal abstract string What { get; }

    /// <summary>Whether a node is of this kind at all; what is inside is checked afterwards.</summary>
    internal abstract bool Fits(YamlNode node);

    /// <summary>The JSON schema of it.</summary>
    internal abstract JsonObject ToSchema();

    /// <summary>Complains about everything in the node that does not fit.</summary>
    internal virtual void Check(YamlNode node, DiagnosticList diagnostics)
    {
        if (!Fits(node))
        {
            diagnostics.Error(node.Place, $"this must be {What}, and is {node.Describe()}");
        }
    }
}
