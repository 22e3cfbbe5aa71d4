using System.Reflection;

namespace Culvert.Enclaves.Simulation;

/// <summary>Loads what could not be loaded once files are out of reach.</summary>
internal static class AssemblyClosure
{
    internal static void Load(Assembly root)
    {
        HashSet<string> seen = [];
        Stack<Assembly> open = new([root]);
        while (open.TryPop(out Assembly? assembly))
        {
            foreach (AssemblyName name in assembly.GetReferencedAssemblies())
            {
                if (seen.Add(name.Name!))
                {
                    try
                    {
                        open.Push(Assembly.Load(name));
                    }
                    catch (Exception failure) when (failure is IOException or BadImageFormatException)
                    {
                        // A reference that nothing follows at run time.
                    }
                }
            }
        }
    }
}
