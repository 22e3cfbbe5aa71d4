using System.Globalization;
using System.Security.Cryptography;
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

        // The name tells the generator's version, so that a file of an older one is not taken for today's.
        using MemoryStream sample = new();
        FlightsGenerator.Write(sample, new FlightsOptions { Rows = 1_000 }, CancellationToken.None);
        string version = Convert.ToHexStringLower(SHA256.HashData(sample.ToArray()))[..8];
        string path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"flights-{rows}-{version}.csv"));
        if (!File.Exists(path))
        {
            // Complete files only have the name: a run that was ended leaves another.
            string partial = $"{path}.{Guid.NewGuid():N}.partial";
            using (FileStream stream = new(partial, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                FlightsGenerator.Write(stream, new FlightsOptions { Rows = rows }, CancellationToken.None);
            }

            File.Move(partial, path, overwrite: true);
        }

        return path;
    }
}
