using System.Buffers.Binary;
using Culvert.Enclaves;

namespace Culvert.Engine.Tests.Hosting;

/// <summary>
/// Mischief of a seed: picks a kind of message, which of them, and what is done to it. Does it once, or from then on with
/// every tenth. <see cref="Done"/> says what was done in the end.
/// </summary>
internal sealed class SeededMischief : IMischief
{
    private static readonly Deed[] s_deeds = Enum.GetValues<Deed>();

    // What carries data, and what only steers; a release and a greeting come once.
    private static readonly MessageKind[] s_kinds =
    [
        MessageKind.Frame, MessageKind.Frame, MessageKind.Frame, MessageKind.Frame, MessageKind.Block, MessageKind.Block, MessageKind.Block,
        MessageKind.Append, MessageKind.Completed, MessageKind.Assign, MessageKind.Grant, MessageKind.Release, MessageKind.Hello, MessageKind.Read,
    ];

    private readonly Lock _lock = new();
    private readonly Random _random;
    private readonly Deed _deed;
    private readonly MessageKind _kind;
    private readonly bool _repeats;
    private readonly int _first;
    private readonly List<byte[]> _kept = [];
    private int _seen;
    private int _holdFor;

    internal SeededMischief(int seed)
    {
        _random = new Random(seed);
        _deed = s_deeds[_random.Next(s_deeds.Length)];
        _kind = s_kinds[_random.Next(s_kinds.Length)];
        bool isRare = _kind is MessageKind.Assign or MessageKind.Grant or MessageKind.Release or MessageKind.Hello or MessageKind.Append;
        _first = _random.Next(isRare ? 2 : 30);
        _repeats = !isRare && _random.Next(3) == 0;
    }

    private enum Deed
    {
        FlipBit,
        FlipBitOfHead,
        Drop,
        Repeat,
        RepeatLater,
        Delay,
        Swap,
        Cut,
        Lengthen,
        MoveToPartition,
        MoveToEdge,
        MoveToRun,
        MoveToProducer,
        MoveToRound,
        MoveToSequence,
        ReplaceByEarlier,
    }

    internal string Done { get; private set; } = "nothing";

    public IEnumerable<byte[]> Pass(int worker, bool toWorker, MessageKind kind, byte[] message)
    {
        lock (_lock)
        {
            if (kind != _kind)
            {
                return Due(message);
            }

            int number = _seen++;
            if (number < _first || (number > _first && !(_repeats && (number - _first) % 10 == 0)))
            {
                if (_kept.Count < 4)
                {
                    _kept.Add(message);
                }

                return Due(message);
            }

            Done = $"{_deed} of {kind} {number} {(toWorker ? "to" : "from")} {worker} ({message.Length} bytes)";
            return Do(message);
        }
    }

    /// <summary>A message that was held back goes behind a later one, in whichever channel that is.</summary>
    private byte[][] Due(byte[] message) => _holdFor > 0 && --_holdFor == 0 && _kept.Count > 0 ? [message, _kept[^1]] : [message];

    private byte[][] Do(byte[] message)
    {
        switch (_deed)
        {
            case Deed.FlipBit:
                return [Flipped(message, message.Length)];
            case Deed.FlipBitOfHead:
                return [Flipped(message, Math.Min(message.Length, 89))];
            case Deed.Drop:
                return [];
            case Deed.Repeat:
                return [message, [.. message]];
            case Deed.RepeatLater or Deed.Delay or Deed.Swap:
                _kept.Add([.. message]);
                _holdFor = _deed == Deed.Swap ? 1 : 1 + _random.Next(20);
                return _deed == Deed.RepeatLater ? [message] : [];
            case Deed.Cut:
                return [message[.._random.Next(message.Length)]];
            case Deed.Lengthen:
                return [[.. message, .. new byte[1 + _random.Next(64)]]];
            case Deed.ReplaceByEarlier:
                return [_kept.Count == 0 ? [] : _kept[_random.Next(_kept.Count)]];
            default:
                return [Moved(message)];
        }
    }

    private byte[] Flipped(byte[] message, int within)
    {
        byte[] flipped = [.. message];
        if (within > 0)
        {
            flipped[_random.Next(within)] ^= (byte)(1 << _random.Next(8));
        }

        return flipped;
    }

    /// <summary>A frame under another name; of other messages, some field is another.</summary>
    private byte[] Moved(byte[] message)
    {
        byte[] moved = [.. message];
        int at = 1 + _deed switch
        {
            Deed.MoveToRun => 16,
            Deed.MoveToEdge => 40,
            Deed.MoveToPartition => 44,
            Deed.MoveToProducer => 52,
            Deed.MoveToRound => 56,
            _ => 64,
        };
        if (_kind == MessageKind.Frame && moved.Length >= at + sizeof(int))
        {
            Span<byte> field = moved.AsSpan(at, sizeof(int));
            BinaryPrimitives.WriteInt32LittleEndian(field, (BinaryPrimitives.ReadInt32LittleEndian(field) + 1) % 3);
        }
        else if (moved.Length > 1)
        {
            moved[1 + _random.Next(moved.Length - 1)]++;
        }

        return moved;
    }
}
