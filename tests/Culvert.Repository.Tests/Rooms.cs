using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Culvert.Repository.Tests;

/// <summary>Which room may reference which. The table is the design's; changing it takes a decision record.</summary>
internal static class Rooms
{
    private static readonly string[] s_everything = ["*"];

    private static readonly string[] s_enginesBelow =
        ["Enclaves", "Stages", "Streams", "Sealing", "Lua", "Queries", "Attestation", "Storage", "Replication", "Homomorphic", "Primitives"];

    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["Primitives"] = [],
        ["Sealing"] = ["Primitives"],
        ["Streams"] = ["Primitives"],
        ["Stages"] = ["Streams", "Sealing", "Primitives"],
        ["Lua"] = ["Streams", "Primitives"],
        ["Queries"] = ["Streams", "Primitives"],
        ["JobFiles"] = ["Streams", "Primitives"],
        ["Attestation"] = ["Sealing", "Primitives"],
        ["Storage"] = ["Sealing", "Primitives"],
        ["Replication"] = ["Sealing", "Primitives"],
        ["Homomorphic"] = ["Streams", "Primitives"],
        ["Enclaves"] = ["Stages", "Lua", "Attestation", "Streams", "Sealing", "Primitives"],
        ["KeyBroker"] = ["Attestation", "Sealing", "Primitives"],
        ["Engine"] = s_enginesBelow,
        ["RabbitMq"] = ["Engine", .. s_enginesBelow],
        ["Offload"] = ["Engine", .. s_enginesBelow],
        ["Simulation"] = ["Primitives"],
        ["Cli"] = s_everything,
    };

    /// <summary>
    /// What is wrong with a room's references; empty when nothing is. <paramref name="room"/> is the project's name without
    /// <c>Culvert.</c>, <paramref name="project"/> its file's text.
    /// </summary>
    public static IEnumerable<string> Violations(string room, string project)
    {
        if (!s_allowed.TryGetValue(room, out string[]? allowed))
        {
            return [$"{room} is not in the table of rooms"];
        }

        return References(project)
            .Where(reference => allowed != s_everything && !allowed.Contains(reference))
            .Select(reference => $"{room} references {reference}, which it may not");
    }

    private static IEnumerable<string> References(string project) =>
        XDocument.Parse(project).Descendants()
            .Where(element => element.Name.LocalName is "ProjectReference" or "Reference")
            .Select(element => (string?)element.Attribute("Include") ?? "")
            .Select(path => Regex.Replace(path.Replace('\\', '/'), @"^.*/|\.csproj$|^Culvert\.(?=\w+$)", ""))
            .Select(name => name.StartsWith("Culvert.", StringComparison.Ordinal) ? name["Culvert.".Length..] : name);
}
