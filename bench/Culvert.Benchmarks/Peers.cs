using System.ComponentModel;

namespace Culvert.Benchmarks;

/// <summary>The peers' npm packages, fetched by their lock file when they are not there.</summary>
internal static class Peers
{
    /// <summary>Where their scripts are.</summary>
    public static string Folder { get; } = Repository.PathOf("bench", "peers");

    /// <summary>Null when peers can run; else why not, for people. Fetches packages if it may.</summary>
    public static string? WhyMissing(bool fetch)
    {
        string installed = Path.Combine(Folder, "node_modules", ".package-lock.json");
        string locked = Path.Combine(Folder, "package.json");
        if (File.Exists(installed) && File.GetLastWriteTimeUtc(installed) >= File.GetLastWriteTimeUtc(locked))
        {
            return null;
        }

        if (!fetch)
        {
            return File.Exists(installed) ? null : "its npm package is not there: run 'npm install' in bench/peers";
        }

        try
        {
            Repository.Run("npm", ["install", "--no-package-lock", "--no-audit", "--no-fund"], Folder);
            File.SetLastWriteTimeUtc(installed, DateTime.UtcNow);
            return null;
        }
        catch (Win32Exception)
        {
            return "Node.js and npm are not installed";
        }
        catch (InvalidOperationException failed)
        {
            return $"its npm package cannot be had: {failed.Message.Split('\n')[0]}";
        }
    }
}
