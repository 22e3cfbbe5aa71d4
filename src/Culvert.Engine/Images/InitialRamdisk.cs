using System.Globalization;
using System.Text;

namespace Culvert.Engine;

/// <summary>
/// Writes an initial ramdisk that has the same bytes wherever and whenever it is made: <c>cpio</c> in the form that Linux reads
/// (<c>newc</c>, Documentation/driver-api/early-userspace/buffer-format.rst), names in ordinal order, everything owned by root,
/// of time 0, inodes numbered from 1, not compressed.
/// </summary>
public static class InitialRamdisk
{
    /// <summary>More than a program and its libraries are.</summary>
    public const int EntriesMax = 20_000;

    private const int NameBytesMax = 4096;
    private const int Alignment = 4;
    private const string EndName = "TRAILER!!!";

    /// <summary>
    /// Writes the entries and the folders that they lie in. Fails for names that are empty, absolute, lead upwards or are there
    /// twice, and for files that cannot be read or change meanwhile.
    /// </summary>
    public static Failure? Write(Stream output, IEnumerable<RamdiskEntry> entries)
    {
        SortedDictionary<string, RamdiskEntry> all = new(StringComparer.Ordinal);
        foreach (RamdiskEntry entry in entries)
        {
            if (!IsName(entry.Name) || !AddFolders(all, entry.Name) || !Add(all, entry) || all.Count > EntriesMax)
            {
                return new Failure(FailureKind.Malformed, $"an initial ramdisk cannot hold '{entry.Name}': a path that is there already, leads outside, or one too many");
            }
        }

        try
        {
            uint inode = 0;
            foreach (RamdiskEntry entry in all.Values)
            {
                WriteEntry(output, entry, ++inode);
            }

            WriteHeader(output, EndName, mode: 0, inode: 0, length: 0, device: default);
            return null;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new Failure(FailureKind.Io, $"cannot write the initial ramdisk: {failure.Message}");
        }
    }

    private static bool IsName(string name) =>
        name.Length > 0 && Encoding.UTF8.GetByteCount(name) <= NameBytesMax && !name.Contains('\0', StringComparison.Ordinal) && name != EndName
        && name.Split('/').All(part => part is not ("" or "." or ".."));

    private static bool AddFolders(SortedDictionary<string, RamdiskEntry> all, string name)
    {
        for (int at = name.IndexOf('/', StringComparison.Ordinal); at >= 0; at = name.IndexOf('/', at + 1))
        {
            if (!Add(all, RamdiskEntry.Folder(name[..at])))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A folder may be named again: others lie in it.</summary>
    private static bool Add(SortedDictionary<string, RamdiskEntry> all, RamdiskEntry entry) =>
        all.TryAdd(entry.Name, entry) || (IsFolder(entry) && IsFolder(all[entry.Name]));

    private static bool IsFolder(RamdiskEntry entry) => (entry.Mode & 0xF000) == 0x4000;

    private static void WriteEntry(Stream output, RamdiskEntry entry, uint inode)
    {
        using Stream content = entry.Open();
        long length = content.Length;
        if (length > uint.MaxValue)
        {
            throw new IOException($"{entry.Name} has {length} bytes, which the format has no place for");
        }

        WriteHeader(output, entry.Name, entry.Mode, inode, (uint)length, entry.Device);
        long before = output.Position;
        content.CopyTo(output);
        if (output.Position - before != length)
        {
            throw new IOException($"{entry.Name} changed while it was read");
        }

        Pad(output, length);
    }

    private static void WriteHeader(Stream output, string name, uint mode, uint inode, uint length, (uint Major, uint Minor) device)
    {
        byte[] nameBytes = Encoding.UTF8.GetBytes(name + '\0');
        StringBuilder header = new("070701");
        ReadOnlySpan<uint> fields = [inode, mode, 0, 0, 1, 0, length, 0, 0, device.Major, device.Minor, (uint)nameBytes.Length, 0];
        foreach (uint field in fields)
        {
            header.Append(field.ToString("X8", CultureInfo.InvariantCulture));
        }

        output.Write(Encoding.ASCII.GetBytes(header.ToString()));
        output.Write(nameBytes);
        Pad(output, header.Length + nameBytes.Length);
    }

    private static void Pad(Stream output, long length) => output.Write(new byte[(Alignment - (length % Alignment)) % Alignment]);
}
