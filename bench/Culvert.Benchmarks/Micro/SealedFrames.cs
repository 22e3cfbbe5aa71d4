using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Culvert.Sealing;

namespace Culvert.Benchmarks.Micro;

/// <summary>Sealing and opening a frame in place, against <see cref="AesGcm"/> alone over the same memory in the same run.</summary>
public class SealedFrames : IDisposable
{
    private static readonly RunId s_run = new(1);
    private static readonly PlanDigest s_plan = new(2, 3);

    private readonly byte[] _nonce = new byte[12];
    private AesGcm _aes = null!;
    private EdgeKeys _keys = null!;
    private FrameSealer _sealer = null!;
    private FrameOpener _opener = null!;
    private byte[] _frame = null!;
    private long _sequence;

    /// <summary>Length of the payload.</summary>
    [Params(1 << 10, 16 << 10, 256 << 10, 4 << 20)]
    public int PayloadBytes { get; set; }

    /// <summary>Makes keys and a payload.</summary>
    [GlobalSetup]
    public void Setup()
    {
        byte[] bytes = new byte[Secret.KeyBytes];
        using Secret key = Secret.CopyOf(bytes);
        _aes = new AesGcm(bytes, FrameFormat.TagBytes);
        _keys = EdgeKeys.Derive(key, new EdgeId(0));
        _sealer = new FrameSealer(s_run, s_plan, _keys, default, new InstanceSalt(4));
        _opener = new FrameOpener(s_run, s_plan, _keys);
        _frame = new byte[FrameFormat.FrameBytes(PayloadBytes, isSealed: true)];
        new Random(1).NextBytes(_frame);
    }

    /// <inheritdoc/>
    [GlobalCleanup]
    public void Dispose()
    {
        _aes.Dispose();
        _sealer.Dispose();
        _opener.Dispose();
        _keys.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Encrypts and decrypts the payload.</summary>
    [Benchmark(Baseline = true)]
    public byte AesGcmAlone()
    {
        Span<byte> payload = _frame.AsSpan(FrameFormat.PayloadOffset, PayloadBytes);
        Span<byte> tag = _frame.AsSpan(^FrameFormat.TagBytes..);
        _aes.Encrypt(_nonce, payload, payload, tag);
        _aes.Decrypt(_nonce, payload, tag, payload);
        return payload[0];
    }

    /// <summary>Seals and opens a frame with the payload.</summary>
    [Benchmark]
    public int SealAndOpen()
    {
        FramePlace place = new(FrameKind.Data, new EdgeId(0), new PartitionId(0), new Round(0), new SequenceNumber(_sequence++));
        _sealer.SealInPlace(place, 0, 1, _frame);
        return _opener.OpenInPlace(_frame).Value.RecordCount;
    }
}
