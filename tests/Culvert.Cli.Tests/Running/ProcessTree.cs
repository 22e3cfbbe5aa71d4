using System.Globalization;

namespace Culvert.Cli.Tests.Running;

/// <summary>The processes that a process has started, as Linux shows them.</summary>
internal static class ProcessTree
{
    /// <summary>The ids of a process's children that live, in the order of their starts.</summary>
    internal static int[] ChildrenOf(int parent) => [.. Directory.GetDirectories("/proc")
        .Select(Path.GetFileName)
        .Where(name => int.TryParse(name, CultureInfo.InvariantCulture, out _))
        .Select(name => int.Parse(name!, CultureInfo.InvariantCulture))
        .Where(id => StatOf(id) is { } stat && stat.Parent == parent && stat.State != 'Z')
        .Order()];

    /// <summary>True unless it has ended; one that nobody has waited for yet has.</summary>
    internal static bool Lives(int process) => StatOf(process) is { State: not 'Z' };

    private static (char State, int Parent)? StatOf(int process)
    {
        try
        {
            // The name before the state is in brackets, and may have brackets in it.
            string stat = File.ReadAllText($"/proc/{process}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return (fields[0][0], int.Parse(fields[1], CultureInfo.InvariantCulture));
        }
        catch (IOException)
        {
            return null;
        }
    }
}
