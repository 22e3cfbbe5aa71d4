namespace Culvert.Attestation;

/// <summary>What made the evidence.</summary>
public enum EvidenceKind
{
    /// <summary>Nothing that is known here.</summary>
    Unknown = 0,

    /// <summary>An Intel SGX DCAP quote, version 3.</summary>
    Sgx,

    /// <summary>An Intel TDX quote, version 4 or 5.</summary>
    Tdx,

    /// <summary>An AMD SEV-SNP report, version 2, 3 or 5.</summary>
    SevSnp,

    /// <summary>An Azure confidential VM: SEV-SNP report, runtime data and a quote by the vTPM that they bind.</summary>
    AzureSevSnp,

    /// <summary>An Azure confidential VM on Intel TDX: a quote, the local report that it was made of, runtime data and a quote by the vTPM.</summary>
    AzureTdx,

    /// <summary>An AWS Nitro enclave's attestation document.</summary>
    AwsNitro,

    /// <summary>A TPM 2.0 quote.</summary>
    Tpm2,

    /// <summary>No hardware: signed by a development key.</summary>
    Simulation,
}
