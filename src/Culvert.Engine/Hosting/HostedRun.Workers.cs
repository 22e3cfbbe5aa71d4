using System.Buffers.Binary;
using Culvert.Enclaves;

namespace Culvert.Engine;

/// <summary>A run's workers until they work, and what they state at the end: the host passes it on, and reads nothing of it but a result's header.</summary>
internal sealed partial class HostedRun
{
    /// <summary>Bytes of a hello: two keys and a name.</summary>
    private const int HelloBytesMax = (3 * MessageLimits.TextBytesMax) + 64;

    /// <summary>Bytes of evidence and its collateral.</summary>
    private const int EvidenceBytesMax = 4 << 20;

    /// <summary>Statements of one worker: one for each of its partitions.</summary>
    private const int StatementsMax = 1 << 16;

    private readonly HashSet<int> _greeted = [];
    private readonly HashSet<int> _attested = [];
    private readonly HashSet<int> _ready = [];
    private int _statements;
    private byte[]? _resultHeader;

    /// <summary>Passes on to a worker what the owner has for it: its number (4 bytes), and the rest as it is.</summary>
    private void PassToWorker(MessageKind kind, ReadOnlySpan<byte> fields)
    {
        int number = BinaryPrimitives.ReadInt32LittleEndian(fields);
        if (number > 0 && number < _links.Length)
        {
            _links[number].Send([(byte)kind, .. fields[sizeof(int)..]]);
        }
    }

    private bool PassStatement(WorkerLink link, ReadOnlySpan<byte> fields)
    {
        if (fields.Length > MessageLimits.HeaderBytesMax || Interlocked.Increment(ref _statements) > StatementsMax)
        {
            return Misbehaves(link, "states too much");
        }

        SendToOwner(HostMessageKind.WorkerStatement, link.Number, fields);
        return false;
    }

    /// <summary>Passes on to the owner what a worker sends once.</summary>
    private void PassOnce(WorkerLink link, HostMessageKind kind, HashSet<int> seen, ReadOnlySpan<byte> fields, int bytesMax)
    {
        bool isFirst;
        lock (_lock)
        {
            isFirst = seen.Add(link.Number);
        }

        if (isFirst && fields.Length <= bytesMax)
        {
            SendToOwner(kind, link.Number, fields);
        }
        else
        {
            Misbehaves(link, $"sent a {kind} twice, or at too great a length");
        }
    }

    private void IsReady(WorkerLink link, ReadyMessage ready)
    {
        lock (_lock)
        {
            if (!_ready.Add(link.Number))
            {
                Misbehaves(link, "was ready twice");
                return;
            }

            if (!ready.ResultHeader.IsEmpty && !BeginResult(link, ready.ResultHeader.ToArray()))
            {
                return;
            }

            if (_ready.Count == _links.Length - 1)
            {
                AssignAll();
            }
        }
    }

    /// <summary>Under the lock: the file of the result begins with the header that its writers make, all the same one.</summary>
    private bool BeginResult(WorkerLink link, byte[] header)
    {
        if (_settings.Output is not { } path || (_resultHeader is not null && !header.AsSpan().SequenceEqual(_resultHeader)))
        {
            return Misbehaves(link, "would write a result that the owner does not want, or another than the other workers");
        }

        if (_resultHeader is null)
        {
            _resultHeader = header;
            _output = new SealedOutput(path, header, _snapshots?.ResumedFrom is not null);
        }

        return true;
    }
}
