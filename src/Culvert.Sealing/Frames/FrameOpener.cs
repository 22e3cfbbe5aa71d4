namespace Culvert.Sealing;

/// <summary>
/// Checks and opens the frames that a receiver is given, by whomever. What it opens is of its run, plan, edges and epochs,
/// and as its producer sealed it; whether it is the next one of its channel, the partition's timestamp vector says.
/// Instance keys are derived once and kept, bounded, and only for instances of which a frame was authentic, so nobody
/// without a key can make it forget or collect. Used by one thread at a time.
/// </summary>
public sealed class FrameOpener : IDisposable
{
    /// <summary>
    /// Instances of one producer on one edge and epoch whose keys are kept: the one at work, a replica beside it, and
    /// predecessors whose frames are replayed. Another one costs a key derivation (a few microseconds) per frame.
    /// </summary>
    public const int InstancesMax = 4;

    private readonly RunId _run;
    private readonly ulong _plan;
    private readonly EdgeKeys _keys;
    private readonly Dictionary<(EdgeId Edge, Producer From), Instance?[]> _instances = [];

    /// <summary>An opener for a run's frames along the edges of <paramref name="keys"/>, which stay the caller's.</summary>
    public FrameOpener(RunId run, PlanDigest plan, EdgeKeys keys)
    {
        _run = run;
        _plan = FrameHeader.ShortOf(plan);
        _keys = keys;
    }

    /// <summary>
    /// Opens a frame in place: on success the payload is in the clear at <see cref="FrameFormat.PayloadOffset"/>; where a
    /// sealed frame was altered, all behind the header has been zeroed.
    /// </summary>
    /// <param name="frame">The bytes of exactly one frame, in memory that nobody else can change.</param>
    /// <returns>The frame, or <see cref="FailureKind.Integrity"/> with a message that names it by what its header says.</returns>
    public Outcome<OpenedFrame> OpenInPlace(Span<byte> frame)
    {
        Outcome<FrameHeader> read = FrameHeader.Read(frame);
        if (read.Failure is { } failure)
        {
            return Refuse(failure.Message);
        }

        FrameHeader header = read.Value;
        if (Misfit(header, frame.Length, out EpochKey key) is { } misfit)
        {
            return misfit;
        }

        return TryOpen(header, key, frame)
            ? OpenFrame.ReadInner(header, frame)
            : Refuse($"{header} was altered, or sealed with another key");
    }

    /// <summary>Erases the keys that were derived.</summary>
    public void Dispose()
    {
        foreach (Instance? instance in _instances.Values.SelectMany(instances => instances))
        {
            instance?.Cipher.Dispose();
        }

        _instances.Clear();
    }

    private Failure? Misfit(in FrameHeader header, int length, out EpochKey key)
    {
        key = default;
        return !header.IsSealed ? Refuse($"{header} is open, on an edge that is sealed")
            : length != header.FrameBytes ? OpenFrame.WrongLength(header, length)
            : header.Run != _run ? Refuse($"{header} is of the run {header.Run}, not of {_run}")
            : header.Plan != _plan ? Refuse($"{header} is of the plan {header.Plan:x16}, not of {_plan:x16}")
            : !_keys.TryFind(header.Edge, header.Round, out key) ? Refuse($"{header} cannot be opened: there is no key for its edge and round")
            : header.Epoch != key.Epoch ? Refuse($"{header} is of the key epoch {header.Epoch}, where {key.Epoch} is in force")
            : null;
    }

    private bool TryOpen(in FrameHeader header, in EpochKey key, Span<byte> frame)
    {
        bool known = _instances.TryGetValue((header.Edge, header.From), out Instance?[]? instances);
        for (int i = 0; known && i < InstancesMax && instances![i] is { } instance; i++)
        {
            if (instance.Salt == header.Salt && instance.Epoch == header.Epoch)
            {
                // The one in use comes first, so that the last is the one to give up.
                instances.AsSpan(0, i).CopyTo(instances.AsSpan(1));
                instances[0] = instance;
                return instance.Cipher.TryOpen(header, frame);
            }
        }

        FrameCipher cipher = new(key.Key, header.Salt, header.From);
        if (!cipher.TryOpen(header, frame))
        {
            cipher.Dispose();
            return false;
        }

        if (!known)
        {
            instances = _instances[(header.Edge, header.From)] = new Instance?[InstancesMax];
        }

        instances![^1]?.Cipher.Dispose();
        instances.AsSpan(0, InstancesMax - 1).CopyTo(instances.AsSpan(1));
        instances[0] = new Instance(header.Salt, header.Epoch, cipher);
        return true;
    }

    private static Failure Refuse(string message) => new(FailureKind.Integrity, message);

    private sealed record Instance(InstanceSalt Salt, KeyEpoch Epoch, FrameCipher Cipher);
}
