using System.Runtime.InteropServices;

namespace Culvert.Lua.Native;

/// <summary>
/// The C library's locale, which decides how Lua compares text, what a letter is and how a number is written. A process
/// takes it from its environment; a script must get the same answers everywhere, so it runs in the "C" locale, set for the
/// calling thread alone. Where the C library has no such call (Windows) the process's own is "C" to begin with.
/// </summary>
internal sealed partial class ThreadLocale
{
    private const int AllCategories = 0x1FBF;

    private readonly nint _locale;

    private ThreadLocale()
    {
        if (OperatingSystem.IsLinux())
        {
            _locale = NewLocale(AllCategories, "C", 0);
            Invariant.Holds(_locale != 0);
        }
    }

    /// <summary>The "C" locale.</summary>
    internal static ThreadLocale C { get; } = new();

    /// <summary>Switches this thread until the scope is disposed.</summary>
    internal Scope Enter() => new(_locale == 0 ? 0 : UseLocale(_locale));

    [LibraryImport("libc", EntryPoint = "newlocale", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint NewLocale(int categories, string name, nint basedOn);

    [LibraryImport("libc", EntryPoint = "uselocale")]
    private static partial nint UseLocale(nint locale);

    internal readonly ref struct Scope(nint before)
    {
        public void Dispose()
        {
            if (before != 0)
            {
                _ = UseLocale(before);
            }
        }
    }
}
