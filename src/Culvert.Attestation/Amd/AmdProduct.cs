namespace Culvert.Attestation;

/// <summary>EPYC generations with SEV-SNP, each with its own root key.</summary>
internal enum AmdProduct
{
    Milan,

    /// <summary>Genoa, Bergamo and Siena.</summary>
    Genoa,
    Turin,
}
