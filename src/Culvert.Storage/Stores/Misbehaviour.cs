namespace Culvert.Storage;

/// <summary>What a cloud did wrong, as it is kept.</summary>
/// <param name="Cloud">The cloud's name.</param>
/// <param name="Kind">What it is charged with.</param>
/// <param name="TimeUtc">When that was seen, by this client's clock.</param>
/// <param name="ObjectName">The object.</param>
/// <param name="Message">In words.</param>
/// <param name="HeldBytes">How many bytes it gave.</param>
/// <param name="HeldDigest">Their digest.</param>
/// <param name="Held">The first 64 KiB of them.</param>
public sealed record Misbehaviour(
    string Cloud, ChargeKind Kind, DateTimeOffset TimeUtc, string ObjectName, string Message, int HeldBytes, ContentDigest HeldDigest, ReadOnlyMemory<byte> Held)
{
    internal static Misbehaviour? TryRead(ReadOnlySpan<byte> bytes)
    {
        FieldReader reader = new(bytes);
        ChargeKind kind = (ChargeKind)reader.Byte();
        long time = reader.Int64();
        (string cloud, string name, string message) = (reader.Text(bytes.Length), reader.Text(bytes.Length), reader.Text(bytes.Length));
        int length = reader.Int32();
        ContentDigest digest = ContentDigest.ReadFrom(ref reader);
        byte[] held = reader.Part(bytes.Length).ToArray();
        return reader.IsCut || time < 0 ? null : new Misbehaviour(cloud, kind, DateTimeOffset.FromUnixTimeMilliseconds(time), name, message, length, digest, held);
    }
}

/// <summary>A unit of which some clouds lack something.</summary>
public sealed record UnderReplication(string Unit, IReadOnlyList<string> Clouds);
