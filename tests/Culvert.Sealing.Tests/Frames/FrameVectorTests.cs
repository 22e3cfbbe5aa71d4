namespace Culvert.Sealing.Tests;

/// <summary>The vectors were made from the specification by another program than Culvert.</summary>
public sealed class FrameVectorTests : IDisposable
{
    private static readonly string[] s_whole = ["data", "close", "end", "open"];

    private readonly EdgeKeys _keys = FrameVectors.Keys();

    public static TheoryData<string> Flaws =>
        [.. Directory.GetFiles(Path.Combine(FrameVectors.Folder, "frame")).Select(path => Path.GetFileNameWithoutExtension(path)!).Except(s_whole).Order()];

    public void Dispose() => _keys.Dispose();

    [Fact]
    public void Whole_frames_are_opened()
    {
        using FrameOpener opener = new(FrameVectors.Run, FrameVectors.Plan, _keys);
        byte[] data = FrameVectors.Bytes("data", "frame");
        OpenedFrame opened = opener.OpenInPlace(data).Value;
        Assert.Equal((3, 0L, 17), (opened.RecordCount, opened.WatermarkTicks, opened.Header.PayloadBytes));
        Assert.Equal(FrameVectors.Payload, data[FrameFormat.PayloadOffset..^FrameFormat.TagBytes]);
        Assert.Equal(FrameVectors.Read("data")["text"], Convert.ToHexStringLower(data[FrameFormat.HeaderBytes..^FrameFormat.TagBytes]));
        Assert.Equal("Data e3 s1/p2->p5 r7 #9", opened.Header.ToString());
        Assert.Equal((FrameVectors.Run, FrameVectors.Salt, new KeyEpoch(1)), (opened.Header.Run, opened.Header.Salt, opened.Header.Epoch));

        OpenedFrame close = opener.OpenInPlace(FrameVectors.Bytes("close", "frame")).Value;
        Assert.Equal((FrameKind.Close, 638_000_000_000_000_000, 0), (close.Header.Kind, close.WatermarkTicks, close.RecordCount));
        OpenedFrame end = opener.OpenInPlace(FrameVectors.Bytes("end", "frame")).Value;
        Assert.Equal((FrameKind.End, long.MaxValue, new Round(8)), (end.Header.Kind, end.WatermarkTicks, end.Header.Round));
        OpenedFrame open = OpenFrame.Read(FrameVectors.Bytes("open", "frame")).Value;
        Assert.Equal((3, false), (open.RecordCount, open.Header.IsSealed));
    }

    [Fact]
    public void Whole_frames_are_written_byte_by_byte()
    {
        using FrameSealer sealer = new(FrameVectors.Run, FrameVectors.Plan, _keys, FrameVectors.From, FrameVectors.Salt);
        byte[] frame = new byte[200];
        int length = sealer.Seal(FrameVectors.Place, 0, 3, FrameVectors.Payload, frame);
        Assert.Equal(FrameVectors.Read("data")["frame"], Convert.ToHexStringLower(frame.AsSpan(0, length)));

        FramePlace close = FrameVectors.Place with { Kind = FrameKind.Close, Sequence = new SequenceNumber(10) };
        length = sealer.Seal(close, 638_000_000_000_000_000, 0, [], frame);
        Assert.Equal(FrameVectors.Read("close")["frame"], Convert.ToHexStringLower(frame.AsSpan(0, length)));

        FramePlace end = close with { Kind = FrameKind.End, Round = new Round(8), Sequence = new SequenceNumber(11) };
        length = sealer.Seal(end, long.MaxValue, 0, [], frame);
        Assert.Equal(FrameVectors.Read("end")["frame"], Convert.ToHexStringLower(frame.AsSpan(0, length)));

        FrameHeader open = FrameHeader.Read(FrameVectors.Bytes("open", "frame")).Value;
        byte[] inTheOpen = new byte[open.FrameBytes];
        FrameVectors.Payload.CopyTo(inTheOpen, FrameFormat.PayloadOffset);
        OpenFrame.Write(open, 0, 3, inTheOpen);
        Assert.Equal(FrameVectors.Read("open")["frame"], Convert.ToHexStringLower(inTheOpen));
    }

    [Fact]
    public void Keys_are_those_of_the_vectors()
    {
        Dictionary<string, string> vector = FrameVectors.Read("data");
        Assert.True(_keys.TryFind(new EdgeId(3), new Round(7), out EpochKey key));
        Assert.Equal(vector["edge-key"], Convert.ToHexStringLower(key.Key.Bytes));
        using Secret instance = KeySchedule.InstanceKey(key.Key, FrameVectors.Salt, [0, 0, 0, 1, 0, 0, 0, 2]);
        Assert.Equal(vector["instance-key"], Convert.ToHexStringLower(instance.Bytes));
    }

    [Fact]
    public void There_is_a_flaw_for_each_rule() => Assert.Equal(36, Flaws.Count);

    [Theory]
    [MemberData(nameof(Flaws))]
    public void A_flawed_frame_is_refused_for_its_flaw(string flaw)
    {
        using FrameOpener opener = new(FrameVectors.Run, FrameVectors.Plan, _keys);
        Assert.True(opener.OpenInPlace(FrameVectors.Bytes("data", "frame")).Succeeded);
        Failure? failure = opener.OpenInPlace(FrameVectors.Bytes(flaw, "frame")).Failure;
        Assert.Equal(FailureKind.Integrity, failure?.Kind);
        Assert.Contains(FrameVectors.Read(flaw)["expect"], failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_keyed_hash_gives_the_values_of_the_reference_implementation()
    {
        string[] lines = [.. File.ReadAllLines(Path.Combine(FrameVectors.Folder, "siphash.txt")).Where(line => !line.StartsWith('#'))];
        byte[] key = [.. Enumerable.Range(0, 16).Select(i => (byte)i)];
        foreach (string[] parts in lines.Select(line => line.Split(' ')))
        {
            byte[] message = parts[0] == "-" ? [] : Convert.FromHexString(parts[0]);
            Assert.Equal(parts[1], KeyedHash.Of(key, message).ToString("x16", null));
        }

        Assert.Equal(64, lines.Length);
    }
}
