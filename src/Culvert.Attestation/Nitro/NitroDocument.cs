namespace Culvert.Attestation;

/// <summary>
/// An AWS Nitro attestation document: COSE_Sign1 (RFC 9052) around a CBOR map (AWS Nitro Enclaves, "attestation process",
/// 3.1), taken apart but not verified. Members, their types and bounds are checked as that page lists them.
/// </summary>
internal sealed class NitroDocument
{
    internal const int BytesMax = 64 * 1024;
    private const int PayloadBytesMax = 48 * 1024;
    private const int CertificateBytesMax = 1024;
    private const int MembersMax = 16;
    private const int BundleMax = 16;
    private const int RegistersMax = 32;
    private const int UserBytesMax = 16 * 1024;
    private const byte Tag18 = 0xD2;
    private const int AlgorithmLabel = 1;
    private const int Es384 = -35;

    private readonly SortedDictionary<int, byte[]> _registers = [];
    private readonly List<byte[]> _bundle = [];

    /// <summary>The Sig_structure that is signed.</summary>
    internal byte[] Signed { get; private set; } = [];

    internal byte[] Signature { get; private set; } = [];

    internal string ModuleId { get; private set; } = "";

    /// <summary>Milliseconds since 1970, by the hypervisor's clock.</summary>
    internal ulong Timestamp { get; private set; }

    internal IReadOnlyDictionary<int, byte[]> Registers => _registers;

    internal byte[] Certificate { get; private set; } = [];

    /// <summary>Authorities, the root first.</summary>
    internal IReadOnlyList<byte[]> Bundle => _bundle;

    internal byte[]? PublicKey { get; private set; }

    internal byte[]? UserData { get; private set; }

    internal byte[]? Nonce { get; private set; }

    internal static Outcome<NitroDocument> Parse(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > BytesMax)
        {
            return new Failure(FailureKind.TooLarge, $"Nitro document: {bytes.Length} bytes; at most {BytesMax} are read");
        }

        ReadOnlySpan<byte> span = bytes.Span;
        CborReader reader = new(span.Length > 0 && span[0] == Tag18 ? span[1..] : span);
        int parts = reader.ReadArray(4);
        ReadOnlySpan<byte> header = reader.ReadBytes(64);
        int unprotected = reader.ReadMap(0);
        ReadOnlySpan<byte> payload = reader.ReadBytes(PayloadBytesMax);
        ReadOnlySpan<byte> signature = reader.ReadBytes(96);
        if (!reader.AtEnd || parts != 4 || unprotected != 0 || signature.Length != 96)
        {
            return Malformed("it is not COSE_Sign1 with an empty unprotected header and a signature of 96 bytes");
        }

        CborReader protectedHeader = new(header);
        if (protectedHeader.ReadMap(1) != 1 || protectedHeader.ReadUnsigned() != AlgorithmLabel || protectedHeader.ReadNegative() != Es384 || !protectedHeader.AtEnd)
        {
            return Malformed("its protected header does not say ES384, and nothing else");
        }

        NitroDocument document = new() { Signed = SigStructure(header, payload), Signature = signature.ToArray() };
        return document.ReadPayload(payload) is { } why ? Malformed(why) : document;
    }

    private string? ReadPayload(ReadOnlySpan<byte> payload)
    {
        CborReader reader = new(payload);

        // Hypervisors of 2024 and before state the map's length, later ones end it by a break; all of it is signed.
        CborEntries members = reader.BeginMap(MembersMax);
        HashSet<string> seen = new(StringComparer.Ordinal);
        while (reader.TryNext(ref members))
        {
            string name = reader.ReadText(32);
            if (!seen.Add(name))
            {
                return $"{name} is there twice";
            }

            if (ReadMember(name, ref reader) is { } why)
            {
                return why;
            }
        }

        string[] needed = ["module_id", "digest", "timestamp", "pcrs", "certificate", "cabundle"];
        return !reader.AtEnd ? "its payload is not a map of the members that AWS lists"
            : needed.FirstOrDefault(name => !seen.Contains(name)) is { } missing ? $"{missing} is missing"
            : null;
    }

    private string? ReadMember(string name, ref CborReader reader)
    {
        switch (name)
        {
            case "module_id":
                ModuleId = reader.ReadText(256);
                return ModuleId.Length == 0 ? "module_id is empty" : null;
            case "digest":
                return reader.ReadText(16) == "SHA384" ? null : "its digest is not SHA384";
            case "timestamp":
                Timestamp = reader.ReadUnsigned();
                return Timestamp == 0 ? "timestamp is 0" : null;
            case "pcrs":
                return ReadRegisters(ref reader);
            case "certificate":
                Certificate = reader.ReadBytes(CertificateBytesMax).ToArray();
                return null;
            case "cabundle":
                return ReadBundle(ref reader);
            case "public_key":
                PublicKey = ReadOptional(ref reader);
                return null;
            case "user_data":
                UserData = ReadOptional(ref reader);
                return null;
            case "nonce":
                Nonce = ReadOptional(ref reader);
                return null;
            default:
                return reader.Failed ? null : "it has a member that is not known";
        }
    }

    private string? ReadRegisters(ref CborReader reader)
    {
        CborEntries entries = reader.BeginMap(RegistersMax);
        while (reader.TryNext(ref entries))
        {
            ulong index = reader.ReadUnsigned();
            byte[] value = reader.ReadBytes(64).ToArray();
            if (index >= RegistersMax || value.Length != 48 || !_registers.TryAdd((int)index, value))
            {
                return "a PCR's index is over 31 or there twice, or its value has not 48 bytes";
            }
        }

        return null;
    }

    private string? ReadBundle(ref CborReader reader)
    {
        CborEntries entries = reader.BeginArray(BundleMax);
        while (reader.TryNext(ref entries))
        {
            _bundle.Add(reader.ReadBytes(CertificateBytesMax).ToArray());
        }

        return _bundle.Count == 0 ? "cabundle is empty" : null;
    }

    private static byte[]? ReadOptional(ref CborReader reader) =>
        reader.TryReadNull() ? null : reader.ReadBytes(UserBytesMax).ToArray();

    /// <summary>RFC 9052, 4.4: ["Signature1", protected, no external data, payload].</summary>
    private static byte[] SigStructure(ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload) =>
        [0x84, 0x6A, .. "Signature1"u8, .. Head(header.Length), .. header, 0x40, .. Head(payload.Length), .. payload];

    /// <summary>A byte string's head in its shortest form.</summary>
    private static byte[] Head(int length) => length switch
    {
        < 24 => [(byte)(0x40 | length)],
        < 256 => [0x58, (byte)length],
        _ => [0x59, (byte)(length >> 8), (byte)length],
    };

    private static Failure Malformed(string why) => new(FailureKind.Malformed, $"Nitro document: {why}");
}
