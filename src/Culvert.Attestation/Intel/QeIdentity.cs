using System.Collections.Immutable;
using System.Text.Json;

namespace Culvert.Attestation;

/// <summary>The quoting enclave that Intel vouches for (PCS API, enclave identity version 2): QE for SGX, TD_QE for TDX.</summary>
internal sealed record QeIdentity
{
    internal required string Id { get; init; }

    internal required DateTimeOffset IssueDate { get; init; }

    internal required DateTimeOffset NextUpdate { get; init; }

    internal required int EvaluationDataNumber { get; init; }

    internal required byte[] MiscSelect { get; init; }

    internal required byte[] MiscSelectMask { get; init; }

    internal required byte[] Attributes { get; init; }

    internal required byte[] AttributesMask { get; init; }

    internal required byte[] MrSigner { get; init; }

    internal required int IsvProdId { get; init; }

    internal required ImmutableArray<IsvLevel> Levels { get; init; }

    internal static Outcome<QeIdentity> Parse(ReadOnlyMemory<byte> text) => JsonFields.Read(text, "QE identity", Read);

    /// <summary>What of a report is not this identity's; null when it is.</summary>
    internal string? Mismatch(EnclaveReport report) =>
        !MaskedEquals(report.MiscSelect, MiscSelect, MiscSelectMask, reversed: true) ? "MISCSELECT"
        : !MaskedEquals(report.Attributes, Attributes, AttributesMask, reversed: false) ? "ATTRIBUTES"
        : !report.MrSigner.SequenceEqual(MrSigner) ? "MRSIGNER"
        : report.IsvProdId != IsvProdId ? "ISVPRODID"
        : null;

    /// <summary>Whether the bits under the mask are as expected; numbers are written big-endian and reported little-endian.</summary>
    internal static bool MaskedEquals(ReadOnlySpan<byte> found, ReadOnlySpan<byte> expected, ReadOnlySpan<byte> mask, bool reversed)
    {
        for (int i = 0; i < found.Length; i++)
        {
            int at = reversed ? found.Length - 1 - i : i;
            if ((found[i] & mask[at]) != (expected[at] & mask[at]))
            {
                return false;
            }
        }

        return true;
    }

    private static QeIdentity Read(JsonElement root)
    {
        if (root.Number("version", 2) != 2)
        {
            throw new JsonException("its version is not 2");
        }

        return new QeIdentity
        {
            Id = root.Text("id"),
            IssueDate = root.Time("issueDate"),
            NextUpdate = root.Time("nextUpdate"),
            EvaluationDataNumber = root.Number("tcbEvaluationDataNumber", int.MaxValue),
            MiscSelect = root.Hex("miscselect", 4),
            MiscSelectMask = root.Hex("miscselectMask", 4),
            Attributes = root.Hex("attributes", 16),
            AttributesMask = root.Hex("attributesMask", 16),
            MrSigner = root.Hex("mrsigner", 32),
            IsvProdId = root.Number("isvprodid", ushort.MaxValue),
            Levels = TcbInfo.ReadIsvLevels(root),
        };
    }
}
