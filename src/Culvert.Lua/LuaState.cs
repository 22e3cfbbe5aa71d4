using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Culvert.Lua.Native;
using static Culvert.Lua.Native.LuaNative;

namespace Culvert.Lua;

/// <summary>A lua_State with its memory. Between calls the limit on memory is off, so that the host cannot fail.</summary>
internal sealed unsafe class LuaState : IDisposable
{
    /// <summary>A message longer than this says nothing more.</summary>
    private const int MessageBytesMax = 2000;

    private readonly LuaAllocator _allocator;
    private readonly ThreadLocale _locale = ThreadLocale.C;
    private nint _state;

    internal LuaState(LuaLimits limits)
    {
        _allocator = new LuaAllocator(limits.MemoryBytesMax, limits.AllocatedBytesPerCallMax);
        _state = NewState(LuaAllocator.Function, _allocator.Data);
        if (_state == 0)
        {
            _allocator.Dispose();
            throw new InsufficientMemoryException("no memory for a Lua state");
        }

        _ = LuaNative.Gc(_state, GcStop);
    }

    internal nint Handle => _state != 0 ? _state : throw new ObjectDisposedException(nameof(LuaState));

    internal long MemoryBytesUsed => _allocator.Used;

    internal bool Refused => _allocator.Refused;

    public void Dispose()
    {
        if (_state != 0)
        {
            Close(_state);
            _state = 0;
            _allocator.Dispose();
        }
    }

    /// <summary>Leaves the compiled chunk on the stack.</summary>
    internal void Load(ReadOnlySpan<byte> source, string chunkName, string scriptName)
    {
        byte[] name = Encoding.UTF8.GetBytes("=" + chunkName + "\0");
        int status;
        fixed (byte* text = source, namePointer = name, mode = "t\0"u8)
        {
            byte nothing = 0;
            _allocator.Enforced = true;
            status = LuaNative.Load(Handle, text is null ? &nothing : text, (nuint)source.Length, namePointer, mode);
            _allocator.Enforced = false;
        }

        if (status == Ok)
        {
            return;
        }

        string message = status == ErrorMemory ? "out of memory" : TakeMessage();
        int? line = null;
        string prefix = chunkName + ":";
        if (message.StartsWith(prefix, StringComparison.Ordinal)
            && message.IndexOf(": ", prefix.Length, StringComparison.Ordinal) is int end and > 0
            && int.TryParse(message.AsSpan(prefix.Length, end - prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            (line, message) = (number, message[(end + 2)..]);
        }

        throw new LuaFailedException(scriptName, line, message);
    }

    /// <summary>Compiles the script as it is, for the messages, and leaves it with its meter on the stack.</summary>
    internal void LoadMetered(LuaScript script)
    {
        Load(script.SourceBytes, script.ChunkName, script.Name);
        Pop(Handle, 1);
        Outcome<byte[]> metered = LuaMeter.Apply(script.SourceBytes);
        if (metered.Failure is { } failure)
        {
            throw new LuaFailedException(script.Name, null, failure.Message);
        }

        Load(metered.Value, script.ChunkName, script.Name);
    }

    /// <summary>Calls the function below its arguments, protected and with limits on; false leaves the error on the stack.</summary>
    internal int Call(int arguments, int results, int handler)
    {
        using ThreadLocale.Scope scope = _locale.Enter();
        _allocator.Enforced = true;
        int status = PCall(Handle, arguments, results, handler, 0, 0);
        _allocator.Enforced = false;
        return status;
    }

    /// <summary>Frees what is not reachable; the collector never runs of itself, so that a script cannot see when it does.</summary>
    internal void Collect() => _ = LuaNative.Gc(Handle, GcCollect);

    internal string TakeMessage()
    {
        string message = Type(Handle, -1) == TypeString
            ? Text(StringAt(Handle, -1))
            : "an error without a message";
        Pop(Handle, 1);
        return message;
    }

    internal void PushText(string text) => PushString(Handle, Encoding.UTF8.GetBytes(text));

    /// <summary>Pushes the upvalue of this name of the function at an index; false when it has none.</summary>
    internal bool PushUpvalue(int function, ReadOnlySpan<byte> name)
    {
        for (int i = 1; ; i++)
        {
            byte* found = GetUpvalue(Handle, function, i);
            if (found is null)
            {
                return false;
            }

            if (MemoryMarshal.CreateReadOnlySpanFromNullTerminated(found).SequenceEqual(name))
            {
                return true;
            }

            Pop(Handle, 1);
        }
    }

    internal static string Text(ReadOnlySpan<byte> bytes) =>
        bytes.Length <= MessageBytesMax ? Encoding.UTF8.GetString(bytes) : Encoding.UTF8.GetString(bytes[..MessageBytesMax]) + "...";
}
