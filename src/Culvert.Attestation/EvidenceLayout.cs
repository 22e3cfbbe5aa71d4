using System.Buffers.Binary;

namespace Culvert.Attestation;

/// <summary>
/// Folders as other tools lay them out: files under other names, as text, certificates in PEM, a report with its certificates
/// behind it, JSON documents with all of it. What is missing under its own name is looked for among the other files by content, and taken if there is just one.
/// </summary>
internal static class EvidenceLayout
{
    /// <summary>The files, and beside them under their own names what was found.</summary>
    internal static Dictionary<string, ReadOnlyMemory<byte>> Arrange(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> given)
    {
        Dictionary<string, ReadOnlyMemory<byte>> files = given.ToDictionary(file => file.Key, file => EvidenceText.Decode(file.Value), StringComparer.Ordinal);
        Dictionary<string, List<ReadOnlyMemory<byte>>> found = new(StringComparer.Ordinal);
        foreach ((string name, ReadOnlyMemory<byte> content) in files.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            if (EvidenceFile.Names.Contains(name) && !Replaces(name, content))
            {
                continue;
            }

            foreach ((string what, ReadOnlyMemory<byte> part) in PartsOf(name, content))
            {
                if (!found.TryAdd(what, [part]) && !found[what].Any(known => known.Span.SequenceEqual(part.Span)))
                {
                    found[what].Add(part);
                }
            }
        }

        foreach ((string what, List<ReadOnlyMemory<byte>> candidates) in found)
        {
            if (candidates.Count == 1 && (!files.TryGetValue(what, out ReadOnlyMemory<byte> own) || Replaces(what, own)))
            {
                files[what] = candidates[0];
            }
        }

        return files;
    }

    /// <summary>A report in its own file with something behind it is replaced by the report alone.</summary>
    private static bool Replaces(string what, ReadOnlyMemory<byte> own) => what == EvidenceFile.SnpReport && own.Length > SnpReport.Bytes;

    private static IEnumerable<(string Name, ReadOnlyMemory<byte> Part)> PartsOf(string name, ReadOnlyMemory<byte> content)
    {
        if (content.Length <= Evidence.BytesMax && EvidenceDetection.KindOf(content.Span) is { } detected)
        {
            // Which of several TPM quotes a file is only its name can tell.
            return detected.Kind == EvidenceKind.Tpm2 ? [] : [(detected.File, content)];
        }

        if (SplitReport(content) is { } parts)
        {
            return parts;
        }

        return EvidenceDocument.May(content.Span) ? EvidenceDocument.PartsOf(content, PartsOfMember)
            : content.Span.StartsWith("-----BEGIN "u8) ? PartsOfPem(name, content.Span)
            : content.Span is [0x30, ..] ? PartsOfDer(content)
            : [];
    }

    /// <summary>A document within a document is not looked into.</summary>
    private static IEnumerable<(string Name, ReadOnlyMemory<byte> Part)> PartsOfMember(string name, ReadOnlyMemory<byte> content) =>
        EvidenceDocument.May(content.Span) ? [] : PartsOf(name, content);

    /// <summary>A report, then zeros to a buffer's end or the host's table of certificates.</summary>
    private static IEnumerable<(string Name, ReadOnlyMemory<byte> Part)>? SplitReport(ReadOnlyMemory<byte> content)
    {
        if (content.Length <= SnpReport.Bytes || EvidenceDetection.KindOf(content.Span[..SnpReport.Bytes]) is not { Kind: EvidenceKind.SevSnp }
            || BinaryPrimitives.ReadUInt32LittleEndian(content.Span[SnpReport.AlgorithmOffset..]) != SnpReport.EcdsaP384Sha384)
        {
            return null;
        }

        Dictionary<string, ReadOnlyMemory<byte>> files = [];
        ReadOnlyMemory<byte> rest = content[SnpReport.Bytes..];
        bool isTable = SnpCertificateTable.AddTo(files, rest) && files.Count > 0;
        if (!isTable && rest.Span.ContainsAnyExcept((byte)0))
        {
            return null;
        }

        files[EvidenceFile.SnpReport] = content[..SnpReport.Bytes];
        return files.Select(file => (file.Key, file.Value));
    }

    private static IEnumerable<(string Name, ReadOnlyMemory<byte> Part)> PartsOfPem(string name, ReadOnlySpan<byte> text)
    {
        if (text.StartsWith("-----BEGIN X509 CRL-----"u8))
        {
            Outcome<byte[]> list = Pem.ParseRevocations(text, name);
            return list.Succeeded ? PartsOfDer(list.Value) : [];
        }

        if (text.StartsWith("-----BEGIN PUBLIC KEY-----"u8))
        {
            Outcome<byte[]> key = Pem.ParsePublicKey(text, name);
            return key.Succeeded && name is "ak-public.pem" or "ak.pem" or "ak_pub.pem" ? [(EvidenceFile.AkPublicKey, key.Value)] : [];
        }

        Outcome<IReadOnlyList<Certificate>> chain = Pem.ParseChain(text, name);
        return !chain.Succeeded || !chain.Value.All(IsLeafOrKnown) ? []
            : name == "ak-certificate.pem" ? [(EvidenceFile.TpmAkCertificate, chain.Value[0].Raw)]
            : chain.Value.SelectMany(PartsOfCertificate);
    }

    /// <summary>AMD's authorities are built in; who gives them too has to give the same, or their bytes could be altered unseen.</summary>
    private static bool IsLeafOrKnown(Certificate certificate) => PartsOfCertificate(certificate).Any()
        || VendorRoots.BuiltIn.Amd.Any(root => new[] { root.Ark, root.Ask, root.Asvk }.Any(known => known.Raw.Span.SequenceEqual(certificate.Raw.Span)));

    private static IEnumerable<(string Name, ReadOnlyMemory<byte> Part)> PartsOfDer(ReadOnlyMemory<byte> encoded)
    {
        Outcome<Certificate> certificate = Certificate.Parse(encoded, "certificate");
        if (certificate.Succeeded)
        {
            return PartsOfCertificate(certificate.Value);
        }

        Outcome<RevocationList> list = RevocationList.Parse(encoded, "revocation list");
        return list.Succeeded && DistinguishedName.CommonName(list.Value.Issuer).StartsWith("ARK-", StringComparison.Ordinal)
            ? [(EvidenceFile.AmdRevocations, encoded)]
            : [];
    }

    private static IEnumerable<(string Name, ReadOnlyMemory<byte> Part)> PartsOfCertificate(Certificate certificate) => certificate.SubjectName switch
    {
        "SEV-VCEK" => [(EvidenceFile.Vcek, certificate.Raw)],
        "SEV-VLEK" => [(EvidenceFile.Vlek, certificate.Raw)],
        _ => [],
    };
}
