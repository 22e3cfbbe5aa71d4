using System.Diagnostics.CodeAnalysis;
using System.Text;
using Culvert.Lua.Native;
using Culvert.Streams;
using static Culvert.Lua.Native.LuaNative;

namespace Culvert.Lua;

/// <summary>
/// A Lua function over the events of one partition, with a Lua state of its own. Not thread safe. An instance that has
/// thrown is spent: what a script did before it failed is not to be trusted, so its state is given up at once.
/// </summary>
public abstract class LuaOperator : IDisposable
{
    /// <summary>Rows in one protected call: few enough to stay in the cache, enough that the call costs nothing.</summary>
    private protected const int SliceRows = 2048;

    /// <summary>A slice's texts take at most this share of a script's memory.</summary>
    private const int SliceShareOfMemory = 4;

    /// <summary>Garbage that is worth a collection.</summary>
    private const long CollectBytesMin = 8 << 20;

    private static readonly byte[] SandboxText = Resource("sandbox.lua");
    private static readonly byte[] PatternsText = Resource("patterns.lua");
    private static readonly byte[] CsvText = Resource("csv.lua");
    private static readonly byte[] JsonText = Resource("json.lua");

    private LuaInputColumns _input;
    private int _outsIndex;
    private int _handlerIndex;
    private long _collectAtBytes;
    private LuaState? _state;

    private protected LuaOperator(LuaScript script, string role, Schema input, bool allFields, Schema? output, Func<int[], string> driver)
    {
        foreach (Field field in input.Fields)
        {
            if (!LuaInputColumns.Reads(field.Type))
            {
                throw new NotSupportedException($"a Lua function cannot read {field}");
            }
        }

        Script = script;
        Input = input;
        Outputs = output is null ? [] : [.. output.Fields.Select(LuaOutputColumn.For)];
        (int[] Fields, int Line)? read = null;
        if (!allFields && script.Check().Succeeded)
        {
            read = LuaFieldScan.FieldsRead(script, role, input);
        }

        if (read is not { } some || !TryStart(role, some.Fields, some.Line, driver))
        {
            bool started = TryStart(role, [.. Enumerable.Range(0, input.Count)], 0, driver);
            Invariant.Holds(started);
        }
    }

    /// <summary>The script.</summary>
    public LuaScript Script { get; }

    /// <summary>What events look like that go in.</summary>
    public Schema Input { get; }

    /// <summary>Bytes that the Lua state holds now.</summary>
    public long MemoryBytesUsed => State.MemoryBytesUsed;

    private protected LuaOutputColumn[] Outputs { get; }

    /// <summary>The array of row or group numbers that the host shares with the loop.</summary>
    private protected int RowsIndex { get; private set; }

    private protected int AccumulatorsIndex => _handlerIndex + 4;

    private protected LuaState State =>
        _state ?? throw new ObjectDisposedException(GetType().Name, "this operator was disposed, or has failed before");

    /// <inheritdoc/>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>Runs the script's main chunk, so that nothing that it keeps for itself outlives a batch.</summary>
    private protected void Begin(ulong seed)
    {
        nint lua = State.Handle;
        PushValue(lua, _handlerIndex + 1);
        PushInteger(lua, unchecked((long)seed));
        if (Fails(State.Call(1, 0, _handlerIndex)))
        {
            throw Failed(null, 0);
        }
    }

    /// <summary>
    /// Takes a batch through the loop, slice by slice; <paramref name="before"/> and <paramref name="after"/> are given the
    /// slice's first row and its length, the latter also what the loop returned.
    /// </summary>
    private protected void Run(Batch batch, ulong seed, Action<int, int>? before, Action<int, int>? after)
    {
        if (!batch.Schema.Equals(Input))
        {
            throw new ArgumentException($"the batch has the fields ({batch.Schema}), not ({Input})", nameof(batch));
        }

        Begin(seed);
        nint lua = State.Handle;
        int top = GetTop(lua);
        try
        {
            _input.BeginBatch(batch);
            for (int start = 0; start < batch.Count;)
            {
                long bytesMax = Script.Limits.MemoryBytesMax / SliceShareOfMemory;
                int rows = _input.RowsThatFit(batch, start, Math.Min(SliceRows, batch.Count - start), bytesMax);
                before?.Invoke(start, rows);
                _input.Write(batch, start, rows);
                int result = Loop(_handlerIndex + 2, rows, start, 1, batch);
                after?.Invoke(start, result);
                start += rows;
                CollectIfDue();
            }
        }
        catch
        {
            Release();
            throw;
        }

        SetTop(lua, top);
    }

    /// <summary>Calls one of the generated loops for a slice and returns its result, if it has any.</summary>
    private protected unsafe int Loop(int function, int rows, int start, int results, Batch? batch)
    {
        nint lua = State.Handle;
        PushValue(lua, function);
        PushInteger(lua, rows);
        PushInteger(lua, start);
        if (Fails(State.Call(2, results, _handlerIndex)))
        {
            throw Failed(batch, start);
        }

        if (results == 0)
        {
            return 0;
        }

        int result = (int)ToInteger(lua, -1, null);
        if (Type(lua, -1) != TypeTable)
        {
            Pop(lua, 1);
        }

        return result;
    }

    private protected int ConcludeIndex => _handlerIndex + 3;

    /// <summary>Reads what the loop left in the output arrays; <paramref name="describe"/> makes the exception for a slot that does not fit.</summary>
    private protected void ReadOutputs(int count, Func<int, string, Exception> describe)
    {
        for (int i = 0; i < Outputs.Length; i++)
        {
            int slot = Outputs[i].Read(State.Handle, _outsIndex + i, count, out string reason);
            if (slot > 0)
            {
                // The value that does not fit is still on the stack.
                Pop(State.Handle, 1);
                throw describe(slot, reason);
            }
        }
    }

    /// <summary>The failure of a row, with the event in words.</summary>
    private protected static RowFailedException RowFailed(Batch batch, int row, LuaFailedException inner)
    {
        string shown = LuaInputColumns.Show(batch, row);
        return new RowFailedException(row, inner.Message, inner) { Event = shown };
    }

    private protected unsafe int RowAt(int slot)
    {
        nint lua = State.Handle;
        _ = RawGetSlot(lua, RowsIndex, slot);
        int whole;
        int row = (int)ToInteger(lua, -1, &whole);
        Pop(lua, 1);
        return row;
    }

    private protected void CollectIfDue()
    {
        if (State.MemoryBytesUsed > _collectAtBytes)
        {
            State.Collect();
            _collectAtBytes = Math.Max(2 * State.MemoryBytesUsed, CollectBytesMin + State.MemoryBytesUsed);
        }
    }

    private protected void Release()
    {
        _state?.Dispose();
        _state = null;
    }

    /// <summary>A script that was refused memory has failed, also if it caught the error.</summary>
    private bool Fails(int status) => status != Ok || State.Refused;

    /// <summary>What the last call failed of; the state is given up.</summary>
    private Exception Failed(Batch? batch, int start)
    {
        LuaState state = State;
        long row = ReadInteger("current"u8) ?? 0;
        long? line = ReadInteger("failure_line"u8);
        string reason;
        if (state.Refused)
        {
            (reason, line) = ($"out of memory: the limit is {Script.Limits.MemoryBytesMax >> 10} KiB", null);
        }
        else if (state.PushUpvalue(_handlerIndex, "limit"u8) && Type(state.Handle, -1) == TypeString)
        {
            reason = state.TakeMessage();
        }
        else
        {
            Pop(state.Handle, 1);
            reason = state.TakeMessage();
        }

        LuaFailedException failure = new(Script.Name, (int?)line, reason);
        Exception result = batch is null || row < 1 ? failure : RowFailed(batch, (int)row - 1, failure);
        Release();
        return result;
    }

    private unsafe long? ReadInteger(ReadOnlySpan<byte> upvalue)
    {
        nint lua = State.Handle;
        if (!State.PushUpvalue(_handlerIndex, upvalue))
        {
            return null;
        }

        int whole;
        long value = ToInteger(lua, -1, &whole);
        Pop(lua, 1);
        return whole != 0 ? value : null;
    }

    /// <summary>Makes the state for a function that reads these fields; false when the function at the line is not the one.</summary>
    [MemberNotNull(nameof(_input))]
    private bool TryStart(string role, int[] fields, int line, Func<int[], string> driver)
    {
        Release();
        _state = new LuaState(Script.Limits);
        _input = new LuaInputColumns(_state, fields, 1);
        _outsIndex = fields.Length + 1;
        RowsIndex = _outsIndex + Outputs.Length;
        _handlerIndex = RowsIndex + 1;
        try
        {
            Build(role, driver(fields), fields.Length, line);
            _collectAtBytes = CollectBytesMin + _state.MemoryBytesUsed;
            Begin(0);
            bool other = State.PushUpvalue(_handlerIndex, "other_function"u8) && ToBoolean(State.Handle, -1) != 0;
            Pop(State.Handle, 1);
            return !other;
        }
        catch
        {
            Release();
            throw;
        }
    }

    private void Build(string role, string driver, int inputs, int functionLine)
    {
        LuaState state = State;
        nint lua = state.Handle;
        Invariant.Holds(CheckStack(lua, (2 * (inputs + Outputs.Length)) + 64) != 0);
        for (int i = 0; i < inputs + Outputs.Length + 1; i++)
        {
            CreateTable(lua, SliceRows, 0);
        }

        OpenLibraries(lua);
        byte[] chunk = [.. SandboxText, .. Encoding.UTF8.GetBytes(driver)];
        state.Load(chunk, "culvert", Script.Name);
        state.LoadMetered(Script);
        state.Load(CsvText, "culvert", Script.Name);
        state.Load(JsonText, "culvert", Script.Name);
        state.Load(PatternsText, "culvert", Script.Name);
        CreateTable(lua, 0, 8);
        SetText("role", role);
        SetText("source", "=" + Script.ChunkName);
        SetNumber("event_max", Script.Limits.InstructionsPerEventMax);
        SetNumber("batch_max", Script.Limits.InstructionsPerBatchMax);
        SetNumber("string_max", Script.Limits.MemoryBytesMax);
        SetNumber("pattern_steps", Script.Limits.PatternStepsMax);
        if (functionLine > 0)
        {
            SetNumber("function_line", functionLine);
        }

        PushArrays(1, inputs);
        PushArrays(_outsIndex, Outputs.Length);
        PushValue(lua, RowsIndex);
        if (Fails(state.Call(8, 5, 0)))
        {
            throw new LuaFailedException(Script.Name, null, "the sandbox does not start: " + state.TakeMessage());
        }
    }

    private void PushArrays(int first, int count)
    {
        nint lua = State.Handle;
        CreateTable(lua, count, 0);
        for (int i = 0; i < count; i++)
        {
            PushValue(lua, first + i);
            RawSetSlot(lua, -2, i + 1);
        }
    }

    private void SetText(string key, string value)
    {
        State.PushText(key);
        State.PushText(value);
        RawSet(State.Handle, -3);
    }

    private void SetNumber(string key, long value)
    {
        State.PushText(key);
        PushInteger(State.Handle, value);
        RawSet(State.Handle, -3);
    }

    private static byte[] Resource(string name)
    {
        using Stream stream = typeof(LuaOperator).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not in the assembly");
        byte[] bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }
}
