using System.Collections.Immutable;
using System.Globalization;

namespace Culvert.Attestation;

/// <summary>
/// Verifies TPM quotes: signature by the attestation key, registers against the quoted digest, log against registers, and
/// where the key comes from. A key that merely lies beside its quote affirms nothing.
/// </summary>
internal static class TpmVerifier
{
    /// <summary>Registers that firmware and boot loader extend; later ones may be extended without a log.</summary>
    private const int FirmwareRegisters = 8;

    internal static void Verify(EvidenceParts parts, Assessment assessment)
    {
        if (TpmKeyParts.Read(parts, assessment) is not { } key)
        {
            return;
        }

        int quotes = 0;
        foreach (string name in EvidenceFile.TpmAttestNames)
        {
            if (!parts.TryEvidence(name, out ReadOnlyMemory<byte> attest))
            {
                continue;
            }

            string stem = name[..^".attest.bin".Length];
            if (!parts.TryEvidence($"{stem}.tpmt-signature.bin", out ReadOnlyMemory<byte> signature))
            {
                assessment.Find("tpm.signature.missing", AttestationStatus.None, $"{stem}.tpmt-signature.bin is missing");
                return;
            }

            string bank = stem == "quote" ? "sha256" : stem["quote-".Length..];
            if (VerifyQuote(attest, TpmSignature.Parse(signature), key.Key, $"pcrs-{bank}.json", parts, assessment) is not { } quote)
            {
                return;
            }

            if (!key.IsOf(quote, TpmSignature.Parse(signature).Value))
            {
                assessment.Find("tpm.ak.name", AttestationStatus.Contraindicated, "the public area is not that of the key that signed the quote: their names differ");
                return;
            }

            if (quotes++ > 0 && !assessment.ReportData.AsSpan().SequenceEqual(quote.ExtraData.Span))
            {
                assessment.Find("tpm.quotes", AttestationStatus.Contraindicated, "the banks' quotes bind different nonces");
                return;
            }

            assessment.ReportData = [.. quote.ExtraData.Span];
        }

        if (quotes == 0)
        {
            assessment.Find("tpm.quote.missing", AttestationStatus.None, "there is no quote");
            return;
        }

        assessment.Tcb = new TcbAssessment("NotApplicable", []);
        assessment.Measure("tpmkey", System.Security.Cryptography.SHA256.HashData(key.Key.ToSubjectPublicKeyInfo()));
        if (TpmKeyOrigin.Verify(key.Key, parts, assessment))
        {
            assessment.Vector = assessment.Vector with { InstanceIdentity = 2, Hardware = 2 };
            assessment.Complete();
        }
    }

    /// <summary>Verifies one quote and its registers; null, with a finding, when something does not hold.</summary>
    internal static TpmAttest? VerifyQuote(
        ReadOnlyMemory<byte> attest, Outcome<TpmSignature> signature, PublicKey key, string registersFile, EvidenceParts parts, Assessment assessment)
    {
        Outcome<TpmAttest> parsed = TpmAttest.Parse(attest);
        if ((parsed.Failure ?? signature.Failure) is { } failure)
        {
            assessment.Find("tpm.quote.format", failure);
            return null;
        }

        TpmAttest quote = parsed.Value;
        if (!signature.Value.Verifies(quote.Raw.Span, key))
        {
            assessment.Forged("tpm.quote.signature", "the attestation key's signature on the quote does not hold");
            return null;
        }

        TpmHash bank = quote.Selections[0].Bank;
        if (ReadRegisters(quote, bank, registersFile, parts, assessment) is not { } registers)
        {
            return null;
        }

        byte[]? digest = PcrValues.Digest(quote, bank, registers, signature.Value.HashName);
        if (digest is null || !quote.PcrDigest.Span.SequenceEqual(digest))
        {
            assessment.Forged("tpm.pcr-digest", "the registers' values are not those that were quoted");
            return null;
        }

        Record(quote, bank, registers, assessment);
        return CompareLog(bank, registers, parts, assessment) ? quote : null;
    }

    /// <summary>The values that are given, or those that the log leads to.</summary>
    private static ImmutableSortedDictionary<int, byte[]>? ReadRegisters(TpmAttest quote, TpmHash bank, string file, EvidenceParts parts, Assessment assessment)
    {
        if (parts.TryEvidence(file, out ReadOnlyMemory<byte> text))
        {
            Outcome<ImmutableSortedDictionary<int, byte[]>> given = PcrValues.Parse(text, bank, file);
            if (given.Succeeded)
            {
                return given.Value;
            }

            assessment.Find("tpm.registers.format", given.Failure);
            return null;
        }

        if (!parts.TryEvidence(EvidenceFile.TpmEventLog, out ReadOnlyMemory<byte> log))
        {
            assessment.Find("tpm.registers.missing", AttestationStatus.None, $"neither {file} nor {EvidenceFile.TpmEventLog} is there: the quoted digest cannot be told apart");
            return null;
        }

        Outcome<ImmutableSortedDictionary<int, byte[]>> replayed = EventLog.Replay(log, bank);
        if (!replayed.Succeeded)
        {
            assessment.Find("tpm.event-log.format", replayed.Failure);
            return null;
        }

        return quote.Selections.SelectMany(selection => selection.Indices).Distinct()
            .ToImmutableSortedDictionary(index => index, index => replayed.Value.GetValueOrDefault(index) ?? EventLog.Initial(index, bank));
    }

    private static bool CompareLog(TpmHash bank, ImmutableSortedDictionary<int, byte[]> registers, EvidenceParts parts, Assessment assessment)
    {
        if (!parts.TryEvidence(EvidenceFile.TpmEventLog, out ReadOnlyMemory<byte> log))
        {
            return true;
        }

        Outcome<ImmutableSortedDictionary<int, byte[]>> replayed = EventLog.Replay(log, bank);
        if (!replayed.Succeeded)
        {
            assessment.Find("tpm.event-log.format", replayed.Failure);
            return false;
        }

        foreach ((int index, byte[] value) in replayed.Value)
        {
            if (registers.TryGetValue(index, out byte[]? quoted) && !quoted.AsSpan().SequenceEqual(value))
            {
                AttestationStatus status = index < FirmwareRegisters ? AttestationStatus.Contraindicated : AttestationStatus.Warning;
                assessment.Find("tpm.event-log.replay", status, $"the event log leads to another value of register {index} ({bank}) than was quoted");
            }
        }

        return true;
    }

    private static void Record(TpmAttest quote, TpmHash bank, ImmutableSortedDictionary<int, byte[]> registers, Assessment assessment)
    {
        // One bank names the registers of verdicts; SHA-256 where there are several.
        string prefix = bank == TpmHash.Sha256 ? "pcr" : $"{bank.ToString().ToLowerInvariant()}.pcr";
        foreach (int index in quote.Selections.SelectMany(selection => selection.Indices).Distinct())
        {
            assessment.Measure(string.Create(CultureInfo.InvariantCulture, $"{prefix}{index}"), registers[index]);
        }

        assessment.Measure("tpmfirmware", quote.FirmwareVersion);
        assessment.Measure("tpmresets", quote.ResetCount);
    }
}
