namespace Culvert.Sealing;

/// <summary>How HPKE encrypts; the numbers are those of RFC 9180, section 7.3.</summary>
public enum HpkeAead
{
    /// <summary>AES-128-GCM: what the vectors of RFC 9180 for DHKEM(P-256) use.</summary>
    Aes128Gcm = 1,

    /// <summary>AES-256-GCM: what Culvert uses.</summary>
    Aes256Gcm = 2,
}
