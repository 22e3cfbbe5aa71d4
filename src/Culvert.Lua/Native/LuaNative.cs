using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace Culvert.Lua.Native;

/// <summary>
/// Lua's C functions, called directly: KeraLua's wrapper marshals strings and lets managed functions be called from Lua,
/// both of which this room avoids. Two rules keep errors away from managed frames. Whatever runs a script runs under
/// <see cref="PCall"/>. Outside it only functions are called that cannot raise an error other than for want of memory,
/// and <see cref="LuaAllocator"/> refuses no memory then.
/// </summary>
/// <remarks>
/// Functions that neither allocate nor call back leave out the switch of the garbage collector's mode; one that might
/// allocate must not, because the allocator is managed code.
/// </remarks>
internal static unsafe partial class LuaNative
{
    private const string Library = "lua54";

    internal const int Ok = 0;
    internal const int ErrorMemory = 4;
    internal const int GcStop = 0;
    internal const int GcCollect = 2;

    internal const int TypeNil = 0;
    internal const int TypeBoolean = 1;
    internal const int TypeNumber = 3;
    internal const int TypeString = 4;
    internal const int TypeTable = 5;
    internal const int TypeFunction = 6;

    [LibraryImport(Library, EntryPoint = "lua_newstate")]
    internal static partial nint NewState(delegate* unmanaged<void*, void*, nuint, nuint, void*> allocator, void* data);

    [LibraryImport(Library, EntryPoint = "lua_close")]
    internal static partial void Close(nint state);

    [LibraryImport(Library, EntryPoint = "luaL_openlibs")]
    internal static partial void OpenLibraries(nint state);

    [LibraryImport(Library, EntryPoint = "luaL_loadbufferx")]
    internal static partial int Load(nint state, byte* text, nuint length, byte* name, byte* mode);

    [LibraryImport(Library, EntryPoint = "lua_pcallk")]
    internal static partial int PCall(nint state, int arguments, int results, int handler, nint context, nint continuation);

    [LibraryImport(Library, EntryPoint = "lua_gc")]
    internal static partial int Gc(nint state, int what);

    [LibraryImport(Library, EntryPoint = "lua_checkstack")]
    internal static partial int CheckStack(nint state, int slots);

    [LibraryImport(Library, EntryPoint = "lua_createtable")]
    internal static partial void CreateTable(nint state, int arraySize, int recordSize);

    [LibraryImport(Library, EntryPoint = "lua_pushlstring")]
    internal static partial byte* PushString(nint state, byte* bytes, nuint length);

    [LibraryImport(Library, EntryPoint = "lua_rawset")]
    internal static partial void RawSet(nint state, int index);

    /// <summary>May make the table larger.</summary>
    [LibraryImport(Library, EntryPoint = "lua_rawseti")]
    internal static partial void RawSetGrow(nint state, int index, long key);

    [LibraryImport(Library, EntryPoint = "lua_next")]
    internal static partial int Next(nint state, int index);

    [LibraryImport(Library, EntryPoint = "lua_getmetatable")]
    internal static partial int GetMetatable(nint state, int index);

    /// <summary>For a slot that the table's array part already has.</summary>
    [SuppressGCTransition]
    [LibraryImport(Library, EntryPoint = "lua_rawseti")]
    internal static partial void RawSetSlot(nint state, int index, long key);

    [SuppressGCTransition]
    [LibraryImport(Library, EntryPoint = "lua_rawgeti")]
    internal static partial int RawGetSlot(nint state, int index, long key);

    [SuppressGCTransition]
    [LibraryImport(Library, EntryPoint = "lua_settop")]
    internal static partial void SetTop(nint state, int index);

    [SuppressGCTransition]
    [LibraryImport(Library, EntryPoint = "lua_gettop")]
    internal static partial int GetTop(nint state);

    [SuppressGCTransition]
    [LibraryImport(Library, EntryPoint = "lua_pushvalue")]
    internal static partial void PushValue(nint state, int index);

    [SuppressGCTransition]
    [LibraryImport(Library, EntryPoint = "lua_pushnil")]
    internal static partial void PushNil(nint state);

    [SuppressGCTransition]
    [LibraryImport(Library, EntryPoint = "lua_pushboolean")]
    internal static partial void PushBoolean(nint state, int value);

    [SuppressGCTransition]
    [LibraryImport(Library, EntryPoint = "lua_pushinteger")]
    internal static partial void PushInteger(nint state, long value);

    [SuppressGCTransition]
    [LibraryImport(Library, EntryPoint = "lua_pushnumber")]
    internal static partial void PushNumber(nint state, double value);

    [SuppressGCTransition]
    [LibraryImport(Library, EntryPoint = "lua_type")]
    internal static partial int Type(nint state, int index);

    [SuppressGCTransition]
    [LibraryImport(Library, EntryPoint = "lua_isinteger")]
    internal static partial int IsInteger(nint state, int index);

    [SuppressGCTransition]
    [LibraryImport(Library, EntryPoint = "lua_toboolean")]
    internal static partial int ToBoolean(nint state, int index);

    [SuppressGCTransition]
    [LibraryImport(Library, EntryPoint = "lua_tointegerx")]
    internal static partial long ToInteger(nint state, int index, int* isInteger);

    [SuppressGCTransition]
    [LibraryImport(Library, EntryPoint = "lua_tonumberx")]
    internal static partial double ToNumber(nint state, int index, int* isNumber);

    /// <summary>Only for a value that is a string: a number would be converted, which allocates.</summary>
    [SuppressGCTransition]
    [LibraryImport(Library, EntryPoint = "lua_tolstring")]
    internal static partial byte* ToBytes(nint state, int index, nuint* length);

    [SuppressGCTransition]
    [LibraryImport(Library, EntryPoint = "lua_getupvalue")]
    internal static partial byte* GetUpvalue(nint state, int function, int number);

    internal static void Pop(nint state, int count) => SetTop(state, -count - 1);

    internal static ReadOnlySpan<byte> StringAt(nint state, int index)
    {
        nuint length;
        byte* bytes = ToBytes(state, index, &length);
        return new ReadOnlySpan<byte>(bytes, checked((int)length));
    }

    internal static void PushString(nint state, ReadOnlySpan<byte> bytes)
    {
        fixed (byte* pointer = bytes)
        {
            byte nothing = 0;
            PushString(state, pointer is null ? &nothing : pointer, (nuint)bytes.Length);
        }
    }
}
