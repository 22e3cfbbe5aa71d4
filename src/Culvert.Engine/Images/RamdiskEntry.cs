namespace Culvert.Engine;

/// <summary>Something in an initial ramdisk.</summary>
/// <param name="Name">Its path from the root, without a leading <c>/</c>.</param>
/// <param name="Mode">Kind and rights, as <c>stat</c> has them.</param>
/// <param name="Device">Major and minor number of a device; 0 otherwise.</param>
/// <param name="Open">Gives the bytes of a file, or the target of a link; the reader disposes it.</param>
public sealed record RamdiskEntry(string Name, uint Mode, (uint Major, uint Minor) Device, Func<Stream> Open)
{
    /// <summary>A folder that all may enter.</summary>
    public static RamdiskEntry Folder(string name) => new(name, 0x41ED, default, () => Stream.Null);

    /// <summary>A file that all may read and run; what is measured is not told apart by rights.</summary>
    public static RamdiskEntry File(string name, string path) => new(name, 0x81ED, default, () => System.IO.File.OpenRead(path));

    /// <summary>A symbolic link.</summary>
    public static RamdiskEntry Link(string name, string target) => new(name, 0xA1FF, default, () => new MemoryStream(System.Text.Encoding.UTF8.GetBytes(target)));

    /// <summary>The console, without which a kernel gives its first process no standard streams.</summary>
    public static RamdiskEntry Console { get; } = new("dev/console", 0x2180, (5, 1), () => Stream.Null);
}
