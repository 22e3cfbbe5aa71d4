using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Culvert.Lua;
using Culvert.Streams;

namespace Culvert.Enclaves;

/// <summary>
/// The scripts of a plan, which holds their digests only: the owner's side takes them from the plan it compiled and sends them
/// along, and an enclave gives them to <see cref="Plan.Read"/>. There a script stands only for an identity with its own digest,
/// so nobody who carries the two can put another one in its place. Immutable, safe for any number of threads.
/// Format: docs/specs/lua-scripts.md.
/// </summary>
public sealed class LuaScripts : IPlanParts
{
    /// <summary>Scripts of one plan.</summary>
    public const int ScriptsMax = 1_024;

    /// <summary>Bytes of a script's name.</summary>
    public const int NameBytesMax = 4_096;

    /// <summary>Bytes of the canonical form: scripts are written by people, and all of a plan fit an enclave's message.</summary>
    public const int BytesMax = 1 << 24;

    private const string FormatName = "culvert lua scripts";
    private const int FormatVersion = 1;
    private const int ScriptBytesMin = (3 * sizeof(int)) + (6 * sizeof(long));

    private readonly ImmutableArray<string> _digests;
    private readonly IPlanParts _others;

    private LuaScripts(ImmutableArray<LuaScriptText> texts, IPlanParts? others = null)
    {
        Texts = texts;
        _digests = [.. texts.Select(t => LuaCodeIdentity.DigestOf(t.Source))];
        _others = others ?? PlanParts.Opaque;
    }

    /// <summary>The scripts, each once, in the order in which the plan has them.</summary>
    public ImmutableArray<LuaScriptText> Texts { get; }

    /// <summary>The scripts of a plan; none where it has no Lua.</summary>
    public static LuaScripts Of(Plan plan)
    {
        IEnumerable<object> codes = plan.Stages.SelectMany(s => s.Operators).Select(o => o.Node switch
        {
            CodeNode node => node.Code,
            FoldNode node => (object)node.Code,
            _ => o,
        });
        return new LuaScripts([.. codes.OfType<ILuaCode>().Select(c => c.Text).Distinct()]);
    }

    /// <summary>Reads what <see cref="WriteCanonical"/> wrote; anything else, from wherever, is refused.</summary>
    public static Outcome<LuaScripts> Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > BytesMax)
        {
            return new Failure(FailureKind.TooLarge, $"{bytes.Length} bytes of Lua scripts: at most {BytesMax} are allowed");
        }

        int length = bytes.Length;
        try
        {
            ReadOnlySpan<byte> left = bytes;
            if (TakeText(ref left, NameBytesMax) != FormatName || TakeInt(ref left, FormatVersion) != FormatVersion)
            {
                return new Failure(FailureKind.Mismatch, $"no Lua scripts of version {FormatVersion}");
            }

            int count = TakeInt(ref left, ScriptsMax);
            if (count > left.Length / ScriptBytesMin)
            {
                throw new FormatException("the end comes too early");
            }

            List<LuaScriptText> texts = new(count);
            for (int i = 0; i < count; i++)
            {
                texts.Add(TakeScript(ref left));
            }

            return left.IsEmpty && texts.Distinct().Count() == count
                ? new LuaScripts([.. texts])
                : throw new FormatException(left.IsEmpty ? "a script is there twice" : "there are bytes after the end");
        }
        catch (Exception e) when (e is FormatException or DecoderFallbackException or ArgumentException)
        {
            return new Failure(FailureKind.Malformed, $"not Lua scripts ({length} bytes): {e.Message}");
        }
    }

    /// <summary>The canonical form. More than <see cref="BytesMax"/> or <see cref="ScriptsMax"/> is refused, since nobody could read it.</summary>
    public Outcome<byte[]> WriteCanonical()
    {
        ArrayBufferWriter<byte> writer = new();
        WriteText(writer, FormatName);
        WriteInt(writer, FormatVersion);
        WriteInt(writer, Texts.Length);
        foreach (LuaScriptText text in Texts)
        {
            WriteInt(writer, (int)text.Role);
            WriteText(writer, text.Name);
            WriteText(writer, text.Source);
            WriteLong(writer, text.Limits.InstructionsPerEventMax);
            WriteLong(writer, text.Limits.InstructionsPerBatchMax);
            WriteLong(writer, text.Limits.MemoryBytesMax);
            WriteLong(writer, text.Limits.AllocatedBytesPerCallMax);
            WriteLong(writer, text.Limits.AccumulatorBytesMax);
            WriteLong(writer, text.Limits.PatternStepsMax);
        }

        return writer.WrittenCount <= BytesMax && Texts.Length <= ScriptsMax
            ? writer.WrittenSpan.ToArray()
            : new Failure(
                FailureKind.TooLarge,
                $"the job has {Texts.Length} Lua scripts of {writer.WrittenCount} bytes: at most {ScriptsMax} of {BytesMax} bytes together can be sent along");
    }

    /// <summary>The same scripts, and other parts (sources and sinks that are opened here, code of other languages) from elsewhere.</summary>
    public LuaScripts With(IPlanParts others) => new(Texts, others);

    /// <inheritdoc/>
    public Code? Code(string identity, Schema input, Schema output) => Find(identity, input, output) switch
    {
        { Role: LuaRole.Map } text => new LuaMapCode(text.Name, text.Source, input, output, text.Limits),
        { Role: LuaRole.Filter } text when output.Equals(input) => new LuaFilterCode(text.Name, text.Source, input, text.Limits),
        _ => _others.Code(identity, input, output),
    };

    /// <inheritdoc/>
    public FoldCode? Fold(string identity, Schema input, Schema output) => Find(identity, input, output) is { Role: LuaRole.Reduce } text
        ? new LuaFoldCode(text.Name, text.Source, input, output, text.Limits)
        : _others.Fold(identity, input, output);

    /// <inheritdoc/>
    public SourceSpec? Source(int index, string canonical, Schema schema, int partitionCount) =>
        _others.Source(index, canonical, schema, partitionCount);

    /// <inheritdoc/>
    public SinkSpec? Sink(int index, string canonical, Schema schema) => _others.Sink(index, canonical, schema);

    private LuaScriptText? Find(string identity, Schema input, Schema output)
    {
        for (int i = 0; i < Texts.Length; i++)
        {
            if (LuaCodeIdentity.Of(Texts[i].Role, _digests[i], Texts[i].Limits, input, output) == identity)
            {
                return Texts[i];
            }
        }

        return null;
    }

    private static LuaScriptText TakeScript(ref ReadOnlySpan<byte> left)
    {
        LuaRole role = (LuaRole)TakeInt(ref left, (int)LuaRole.Reduce);
        if (role == 0)
        {
            throw new FormatException("a script without a role");
        }

        string name = TakeText(ref left, NameBytesMax);
        string source = TakeText(ref left, LuaScript.SourceBytesMax);
        LuaLimits limits = new()
        {
            InstructionsPerEventMax = TakeLong(ref left),
            InstructionsPerBatchMax = TakeLong(ref left),
            MemoryBytesMax = TakeLong(ref left),
            AllocatedBytesPerCallMax = TakeLong(ref left),
            AccumulatorBytesMax = TakeLong(ref left) is >= 0 and <= int.MaxValue and long bytes ? (int)bytes : throw new FormatException("a limit that cannot be"),
            PatternStepsMax = TakeLong(ref left),
        };
        return new LuaScriptText(role, new LuaScript(name, source, limits).Name, source, limits); // which refuses other limits and names
    }

    private static int TakeInt(ref ReadOnlySpan<byte> left, int max)
    {
        int value = BinaryPrimitives.ReadInt32LittleEndian(Take(ref left, sizeof(int)));
        return value >= 0 && value <= max ? value : throw new FormatException($"a number of {value}: at most {max} is allowed");
    }

    private static long TakeLong(ref ReadOnlySpan<byte> left) => BinaryPrimitives.ReadInt64LittleEndian(Take(ref left, sizeof(long)));

    private static string TakeText(ref ReadOnlySpan<byte> left, int max) =>
        new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(Take(ref left, TakeInt(ref left, max)));

    private static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> left, int count)
    {
        if (count > left.Length)
        {
            throw new FormatException("the end comes too early");
        }

        ReadOnlySpan<byte> taken = left[..count];
        left = left[count..];
        return taken;
    }

    private static void WriteText(IBufferWriter<byte> writer, string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        WriteInt(writer, bytes.Length);
        writer.Write(bytes);
    }

    private static void WriteInt(IBufferWriter<byte> writer, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(writer.GetSpan(sizeof(int)), value);
        writer.Advance(sizeof(int));
    }

    private static void WriteLong(IBufferWriter<byte> writer, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(writer.GetSpan(sizeof(long)), value);
        writer.Advance(sizeof(long));
    }
}
