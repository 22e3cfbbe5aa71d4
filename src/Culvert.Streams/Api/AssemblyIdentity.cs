using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Culvert.Streams;

/// <summary>Which build an assembly is.</summary>
internal static class AssemblyIdentity
{
    private static readonly ConcurrentDictionary<Assembly, string> Known = new();

    /// <summary>Appends name and SHA-256 of an assembly's file.</summary>
    internal static void Write(StringBuilder canonical, Assembly assembly) => canonical.Append(Known.GetOrAdd(assembly, Read));

    /// <summary>Reads an assembly's file now, and not when a plan names it.</summary>
    internal static void Measure(Assembly assembly) => Known.GetOrAdd(assembly, Read);

    private static string Read(Assembly assembly)
    {
        if (assembly.IsDynamic)
        {
            throw new JobDefinitionException(
                $"the assembly '{assembly.GetName().Name}' was made at run time, so that a plan cannot name its code: put the function into a project");
        }

        string name = assembly.GetName().Name ?? "";
        if (assembly == typeof(object).Assembly || name.StartsWith("System.", StringComparison.Ordinal))
        {
            // The runtime is part of the measured image; its version is enough to tell one plan from another.
            return string.Create(CultureInfo.InvariantCulture, $"{name} {assembly.GetName().Version}");
        }

        string path = Location(assembly);
        if (path.Length == 0 || !File.Exists(path))
        {
            // Published as one file there is no file of its own; the compiler's hash of its inputs names the build instead.
            return $"{name} mvid:{assembly.ManifestModule.ModuleVersionId:N}";
        }

        using FileStream file = File.OpenRead(path);
        return $"{name} sha256:{Convert.ToHexStringLower(SHA256.HashData(file))}";
    }

    [System.Diagnostics.CodeAnalysis.UnconditionalSuppressMessage("SingleFile", "IL3000", Justification = "An empty location is handled.")]
    private static string Location(Assembly assembly) => assembly.Location;
}
