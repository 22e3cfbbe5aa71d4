using System.Runtime.InteropServices;
using Culvert.Enclaves.Linux;

namespace Culvert.Enclaves.Rings;

/// <summary>
/// Memory that two processes share: a file without a name, whose length is sealed, since a side that cut it would end the
/// other by a bus error.
/// </summary>
internal sealed unsafe class SharedRegion : IDisposable
{
    private const int ReadWrite = 1 | 2;
    private const int Shared = 1;
    private const int CloseOnExec = 1;
    private const int AllowSealing = 2;
    private const int AddSeals = 1033;
    private const int GetSeals = 1034;
    private const int SeekEnd = 2;

    // No more seals, no shrinking, no growing.
    private const int Seals = 1 | 2 | 4;

    private readonly long _length;
    private byte* _bytes;

    private SharedRegion(int descriptor, long length)
    {
        Descriptor = descriptor;
        _length = length;
    }

    /// <summary>The file's descriptor, until <see cref="CloseDescriptor"/>; -1 after.</summary>
    internal int Descriptor { get; private set; }

    /// <summary>Where it is mapped; the two processes have it at addresses of their own.</summary>
    internal byte* Bytes => _bytes != null ? _bytes : throw new ObjectDisposedException(nameof(SharedRegion));

    internal static Outcome<SharedRegion> Create(long length)
    {
        if (!SystemCallNumbers.AreKnown)
        {
            return new Failure(FailureKind.Missing, "shared memory for enclaves needs Linux on x64 or arm64");
        }

        int descriptor;
        fixed (byte* name = "culvert-rings\0"u8)
        {
            descriptor = (int)LinuxCalls.SystemCall(SystemCallNumbers.MemoryFile, (nint)name, CloseOnExec | AllowSealing, 0, 0, 0, 0);
        }

        if (descriptor < 0)
        {
            return Refused("make shared memory");
        }

        SharedRegion region = new(descriptor, length);
        if (LinuxCalls.SetLength(descriptor, (nint)length) != 0 || LinuxCalls.Control(descriptor, AddSeals, Seals) != 0 || !region.Map())
        {
            Failure failure = Refused($"make {length} bytes of shared memory");
            region.Dispose();
            return failure;
        }

        return region;
    }

    /// <summary>Maps what the other process made; takes over the descriptor.</summary>
    internal static Outcome<SharedRegion> Open(int descriptor, long length)
    {
        SharedRegion region = new(descriptor, length);
        if ((LinuxCalls.Control(descriptor, GetSeals, 0) & Seals) != Seals || LinuxCalls.Seek(descriptor, 0, SeekEnd) != length)
        {
            region.Dispose();
            return new Failure(FailureKind.Integrity, $"the shared memory is not {length} bytes of sealed length");
        }

        if (!region.Map())
        {
            Failure failure = Refused("map the shared memory");
            region.Dispose();
            return failure;
        }

        return region;
    }

    /// <summary>Hands the descriptor over to whoever closes it; the mapping stays.</summary>
    internal int TakeDescriptor()
    {
        int taken = Descriptor;
        Descriptor = -1;
        return taken;
    }

    /// <summary>The mapping stays.</summary>
    internal void CloseDescriptor()
    {
        if (Descriptor >= 0)
        {
            _ = LinuxCalls.Close(Descriptor);
            Descriptor = -1;
        }
    }

    public void Dispose()
    {
        CloseDescriptor();
        if (_bytes != null)
        {
            _ = LinuxCalls.Unmap(_bytes, (nuint)_length);
            _bytes = null;
        }
    }

    private static Failure Refused(string what) => new(FailureKind.Io, $"cannot {what}: {Marshal.GetLastPInvokeErrorMessage()}");

    private bool Map()
    {
        void* address = LinuxCalls.Map(null, (nuint)_length, ReadWrite, Shared, Descriptor, 0);
        if ((nint)address == -1)
        {
            return false;
        }

        _bytes = (byte*)address;
        return true;
    }
}
