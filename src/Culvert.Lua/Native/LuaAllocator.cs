using System.Runtime.InteropServices;

namespace Culvert.Lua.Native;

/// <summary>
/// Where a Lua state gets its memory: counted, and refused past a limit while a script runs. Small blocks come from free
/// lists, because nearly all that scripts make is small and short-lived. Not thread safe; one per state.
/// </summary>
internal sealed unsafe class LuaAllocator : IDisposable
{
    /// <summary>Blocks up to this size come from free lists, one for each multiple of 16 bytes.</summary>
    private const int SmallMaxBytes = 512;
    private const int GranuleBytes = 16;

    /// <summary>What is fetched at once for small blocks.</summary>
    private const int ChunkBytes = 64 * 1024;

    private Header* _header;

    internal LuaAllocator(long limitBytes, long churnMaxBytes)
    {
        _header = (Header*)NativeMemory.AllocZeroed((nuint)sizeof(Header));
        _header->Limit = limitBytes;
        _header->ChurnMax = churnMaxBytes;
    }

    internal static delegate* unmanaged<void*, void*, nuint, nuint, void*> Function => &Reallocate;

    internal void* Data => _header;

    /// <summary>Bytes in use.</summary>
    internal long Used => _header->Used;

    /// <summary>True once a script wanted memory that it did not get, also after a collection (some callers never ask again).</summary>
    internal bool Refused => _header->Refused || _header->Pending != 0;

    /// <summary>Whether the limits are enforced: on while a script runs, off while the host fills in values.</summary>
    internal bool Enforced
    {
        get => _header->Enforced;
        set
        {
            _header->Enforced = value;
            _header->Churn = 0;
        }
    }

    public void Dispose()
    {
        if (_header is null)
        {
            return;
        }

        for (void* chunk = _header->Chunks; chunk is not null;)
        {
            void* next = *(void**)chunk;
            NativeMemory.Free(chunk);
            chunk = next;
        }

        NativeMemory.Free(_header);
        _header = null;
    }

    [UnmanagedCallersOnly]
    private static void* Reallocate(void* data, void* block, nuint oldSize, nuint newSize)
    {
        Header* header = (Header*)data;
        if (block is null)
        {
            // Then oldSize is the kind of object that is made.
            return newSize == 0 ? null : Allocate(header, newSize);
        }

        if (newSize == 0)
        {
            header->Used -= (long)oldSize;
            Release(header, block, oldSize);
            return null;
        }

        if (ClassOf(oldSize) == ClassOf(newSize) && newSize <= SmallMaxBytes)
        {
            header->Used += (long)newSize - (long)oldSize;
            return block;
        }

        void* moved = Allocate(header, newSize, (long)oldSize);
        if (moved is not null)
        {
            Buffer.MemoryCopy(block, moved, newSize, Math.Min(oldSize, newSize));
            header->Used -= (long)oldSize;
            Release(header, block, oldSize);
        }
        else if (newSize < oldSize)
        {
            // Lua takes it for granted that shrinking succeeds.
            return block;
        }

        return moved;
    }

    private static int ClassOf(nuint size) => (int)((size + GranuleBytes - 1) / GranuleBytes);

    private static void* Allocate(Header* header, nuint size, long credit = 0)
    {
        if (header->Enforced && !Admits(header, (long)size, credit))
        {
            return null;
        }

        void* block = size <= SmallMaxBytes ? Small(header, ClassOf(size)) : Large(size);
        if (block is not null)
        {
            header->Used += (long)size;
            header->Churn += (long)size;
        }

        return block;
    }

    private static bool Admits(Header* header, long size, long credit)
    {
        if (size < credit || (size >= 0 && header->Used - credit <= header->Limit - size && header->Churn <= header->ChurnMax))
        {
            if (header->Pending == size)
            {
                header->Pending = 0;
            }

            return true;
        }

        // Lua collects garbage and asks once more; only the second refusal is one that the script sees.
        header->Refused |= header->Pending == size;
        header->Pending = size;
        return false;
    }

    private static void* Small(Header* header, int sizeClass)
    {
        nint* lists = header->Lists;
        void* block = (void*)lists[sizeClass];
        if (block is not null)
        {
            lists[sizeClass] = *(nint*)block;
            return block;
        }

        int size = sizeClass * GranuleBytes;
        if (header->ChunkLeft < size)
        {
            void* chunk = Large(ChunkBytes);
            if (chunk is null)
            {
                return null;
            }

            *(void**)chunk = header->Chunks;
            header->Chunks = chunk;
            header->ChunkNext = (byte*)chunk + GranuleBytes;
            header->ChunkLeft = ChunkBytes - GranuleBytes;
        }

        block = header->ChunkNext;
        header->ChunkNext += size;
        header->ChunkLeft -= size;
        return block;
    }

    private static void* Large(nuint size)
    {
        try
        {
            return NativeMemory.Alloc(size);
        }
        catch (OutOfMemoryException)
        {
            // No exception may cross into Lua; null is its word for it.
            return null;
        }
    }

    private static void Release(Header* header, void* block, nuint size)
    {
        if (size > SmallMaxBytes)
        {
            NativeMemory.Free(block);
            return;
        }

        nint* list = header->Lists + ClassOf(size);
        *(nint*)block = *list;
        *list = (nint)block;
    }

    private struct Header
    {
        public long Used;
        public long Limit;
        public long Churn;
        public long ChurnMax;
        public long Pending;
        public void* Chunks;
        public byte* ChunkNext;
        public int ChunkLeft;
        public bool Enforced;
        public bool Refused;
        public fixed long ListSlots[(SmallMaxBytes / GranuleBytes) + 1];

        public nint* Lists
        {
            get
            {
                fixed (long* slots = ListSlots)
                {
                    return (nint*)slots;
                }
            }
        }
    }
}
