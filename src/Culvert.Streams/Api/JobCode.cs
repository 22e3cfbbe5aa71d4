using System.Reflection;

namespace Culvert.Streams;

/// <summary>The code of jobs as plans name it: by the SHA-256 of assemblies.</summary>
public static class JobCode
{
    /// <summary>
    /// Reads the files of all assemblies that are loaded now and are not the runtime's, so that plans which name them can be
    /// compiled when files are out of reach. Safe for any number of threads.
    /// </summary>
    public static void MeasureLoaded()
    {
        foreach (Assembly assembly in AppDomain.CurrentDomain.GetAssemblies().Where(a => !a.IsDynamic))
        {
            AssemblyIdentity.Measure(assembly);
        }
    }
}
