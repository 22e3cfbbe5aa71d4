namespace Culvert.Storage;

/// <summary>An object that fits, and whose it is.</summary>
internal readonly record struct FittingBlock(int Slot, ReadOnlyMemory<byte> Bytes);

/// <summary>What asking clouds for blocks gave: as many as were wanted, or too few.</summary>
internal sealed record BlockReading(bool Succeeded, FittingBlock[] Blocks);

/// <summary>What to ask clouds for.</summary>
/// <param name="Name">The object's name, the same on all clouds.</param>
/// <param name="Wanted">How many that fit are needed: k.</param>
/// <param name="Bytes">Their length, or the most that it can be.</param>
/// <param name="IsPart">Only the beginning is wanted.</param>
/// <param name="Fits">Null when a slot's bytes are what they ought to be; else what is wrong.</param>
internal sealed record BlockWish(string Name, int Wanted, int Bytes, bool IsPart, Func<int, ReadOnlyMemory<byte>, string?> Fits)
{
    private const int LikelyBytes = 4096;

    /// <summary>An object of any length up to a limit, one of which is enough.</summary>
    internal static BlockWish OneOf(string name, int bytesMax, Func<ReadOnlyMemory<byte>, string?> fits) =>
        new(name, 1, bytesMax, false, (_, bytes) => fits(bytes)) { BytesLikely = Math.Min(LikelyBytes, bytesMax) };

    /// <summary>How much room to begin with.</summary>
    internal int BytesLikely { get; private init; } = Bytes;
}

/// <summary>
/// Gets the first k objects that fit. Asks clouds in the order it is given, as many at first as are needed; another one whenever
/// one fails or gives what does not fit, and when nothing has come for some time (a hedge). When it has what it needs it
/// cancels the rest.
/// </summary>
internal sealed class BlockRead : ProtocolCore<BlockReading>
{
    private readonly BlockWish _wish;
    private readonly IReadOnlyList<int> _order;
    private readonly TimeSpan _hedgeAfter;
    private readonly List<FittingBlock> _blocks = [];
    private int _asked;
    private int _underWay;

    /// <param name="quorum">How many clouds it takes.</param>
    /// <param name="wish">What to ask for.</param>
    /// <param name="order">Slots, the preferred first; each at most once.</param>
    /// <param name="hedgeAfter">How long to wait before one more is asked.</param>
    internal BlockRead(Quorum quorum, BlockWish wish, IReadOnlyList<int> order, TimeSpan hedgeAfter)
        : base(quorum) =>
        (_wish, _order, _hedgeAfter) = (wish, order, hedgeAfter);

    internal override void Start()
    {
        for (int i = 0; i < _wish.Wanted; i++)
        {
            Ask();
        }

        Hedge();
        Decide();
    }

    private void Hedge()
    {
        if (_asked < _order.Count)
        {
            Board.After(_hedgeAfter, () =>
            {
                Ask();
                Hedge();
            });
        }
    }

    private void Ask()
    {
        if (_asked == _order.Count)
        {
            return;
        }

        int slot = _order[_asked++];
        _underWay++;
        if (_wish.IsPart)
        {
            Board.GetPart(slot, _wish.Name, _wish.Bytes, reply => Answered(slot, reply));
        }
        else
        {
            Board.Get(slot, _wish.Name, _wish.BytesLikely, _wish.Bytes, reply => Answered(slot, reply));
        }
    }

    private void Answered(int slot, CloudReply reply)
    {
        _underWay--;
        if (reply.IsTooLong)
        {
            Reports.Charge(new CloudCharge(slot, ChargeKind.Altered, _wish.Name, reply.Failure!.Message, reply.Bytes));
            Ask();
        }
        else if (!reply.Succeeded)
        {
            Reports.Fail(slot, reply.Failure!);
            Ask();
        }
        else if (_wish.Fits(slot, reply.Bytes) is { } wrong)
        {
            Reports.Charge(new CloudCharge(slot, ChargeKind.Altered, _wish.Name, $"{_wish.Name}: {wrong}", reply.Bytes));
            Ask();
        }
        else
        {
            _blocks.Add(new FittingBlock(slot, reply.Bytes));
        }

        Decide();
    }

    private void Decide()
    {
        bool succeeded = _blocks.Count >= _wish.Wanted;
        if (succeeded || (_underWay == 0 && _asked == _order.Count))
        {
            Finish(new BlockReading(succeeded, [.. _blocks]));
            Board.CancelAll();
        }
    }
}
