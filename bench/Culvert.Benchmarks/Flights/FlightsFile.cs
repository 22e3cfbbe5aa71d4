using System.Globalization;
using Culvert.Engine;

namespace Culvert.Benchmarks.Flights;

/// <summary>Generated files of flights, made once and kept outside of what Git tracks.</summary>
internal static class FlightsFile
{
    /// <summary>The path of a file of so many rows with a header line, made now if it is not there.</summary>
    public static string OfRows(long rows)
    {
        string folder = Repository.PathOf(".build", "data");
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"flights-{rows}.csv"));
        if (!File.Exists(path))
        {
            // Complete files only have the name: a run that was ended leaves another.
            string partial = $"{path}.{Environment.ProcessId}.partial";
            using (FileStream stream = new(partial, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                FlightsGenerator.Write(stream, new FlightsOptions { Rows = rows }, CancellationToken.None);
            }

            File.Move(partial, path, overwrite: true);
        }

        return path;
    }
}
