namespace Culvert.Attestation;

/// <summary>What did not hold in a chain: its last part of a check's name (<c>signature</c>, <c>expired</c>), how bad, and in words.</summary>
internal sealed record ChainFault(string Name, AttestationStatus Status, string Message);

/// <summary>
/// Path validation as RFC 5280, section 6.1, for chains whose root is built in or named by a policy: names and signatures
/// link, all are in date, authorities may sign, path lengths hold, no unknown critical extension.
/// </summary>
internal static class CertificateChain
{
    /// <summary>
    /// Checks a chain that starts with the leaf and ends with <paramref name="root"/> (given once more or not); null when it holds.
    /// </summary>
    internal static ChainFault? Verify(IReadOnlyList<Certificate> chain, Certificate root, DateTimeOffset at, VerificationMemory memory, string what)
    {
        List<Certificate> path = [.. chain];
        if (path.Count == 0 || !path[^1].Raw.Span.SequenceEqual(root.Raw.Span))
        {
            path.Add(root);
        }

        for (int i = 0; i < path.Count; i++)
        {
            Certificate subject = path[i];
            Certificate issuer = path[Math.Min(i + 1, path.Count - 1)];
            if ((i > 0 ? NotAnAuthority(subject, authoritiesBelow: i - 1, what) : null) is { } notAuthority)
            {
                return notAuthority;
            }

            // The root is trusted by its bytes; its signature on itself would add time and no trust.
            if (i < path.Count - 1 && Unlinked(subject, issuer, memory, what) is { } unlinked)
            {
                return unlinked;
            }
        }

        return path.Select(certificate => OutOfDate(certificate, at, what)).FirstOrDefault(fault => fault is not null);
    }

    /// <summary>Checks a list against its issuer and the time, and that it revokes none of <paramref name="certificates"/>.</summary>
    internal static ChainFault? Verify(
        RevocationList list, Certificate issuer, IEnumerable<Certificate> certificates, DateTimeOffset at, VerificationMemory memory, string what)
    {
        if (!list.Issuer.Span.SequenceEqual(issuer.Subject.Span) || !issuer.MaySignRevocations)
        {
            return new ChainFault("issuer", AttestationStatus.Contraindicated, $"{what}: not issued by {issuer.SubjectName}; give the list of that authority");
        }

        if (!memory.Verifies(issuer.Key, list.Signed.Span, list.Signature, list.Algorithm))
        {
            return new ChainFault("signature", AttestationStatus.Contraindicated, $"{what}: the signature of {issuer.SubjectName} does not hold");
        }

        if (at < list.ThisUpdate || at > list.NextUpdate)
        {
            return new ChainFault("expired", AttestationStatus.None, $"{what}: valid from {list.ThisUpdate:u} to {list.NextUpdate:u}, not at {at.UtcDateTime:u}; fetch the current one");
        }

        return certificates.FirstOrDefault(list.Revokes) is { } revoked
            ? new ChainFault("revoked", AttestationStatus.Contraindicated, $"{what}: it revokes {revoked.SubjectName}, serial number {Convert.ToHexStringLower(revoked.Serial.Span)}")
            : null;
    }

    private static ChainFault? NotAnAuthority(Certificate certificate, int authoritiesBelow, string what) =>
        certificate.IsAuthority && certificate.MaySignCertificates && (certificate.PathLength is not { } length || authoritiesBelow <= length)
            ? null
            : new ChainFault("authority", AttestationStatus.Contraindicated, $"{what}: {certificate.SubjectName} may not issue the certificate below it");

    private static ChainFault? Unlinked(Certificate subject, Certificate issuer, VerificationMemory memory, string what)
    {
        if (subject.UnknownCritical is { } oid)
        {
            return new ChainFault("critical-extension", AttestationStatus.Contraindicated, $"{what}: {subject.SubjectName} has the critical extension {oid}, which is not understood");
        }

        if (!subject.Issuer.Span.SequenceEqual(issuer.Subject.Span))
        {
            return new ChainFault("issuer", AttestationStatus.Contraindicated, $"{what}: {subject.SubjectName} was not issued by {issuer.SubjectName}");
        }

        return memory.Verifies(issuer.Key, subject.Signed.Span, subject.Signature, subject.Algorithm)
            ? null
            : new ChainFault("signature", AttestationStatus.Contraindicated, $"{what}: the signature of {issuer.SubjectName} on {subject.SubjectName} does not hold");
    }

    private static ChainFault? OutOfDate(Certificate certificate, DateTimeOffset at, string what) =>
        at < certificate.NotBefore || at > certificate.NotAfter
            ? new ChainFault("expired", AttestationStatus.None, $"{what}: {certificate.SubjectName} is valid from {certificate.NotBefore:u} to {certificate.NotAfter:u}, not at {at.UtcDateTime:u}")
            : null;
}
