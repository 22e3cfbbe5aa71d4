namespace Culvert.Attestation;

/// <summary>QEMU's names of AMD's processors, and the signature that a guest's first registers hold for each.</summary>
public static class SnpProcessorType
{
    private static readonly (string Name, uint Signature)[] s_types =
    [
        ("EPYC", SignatureOf(23, 1, 2)),
        ("EPYC-Rome", SignatureOf(23, 49, 0)),
        ("EPYC-Milan", SignatureOf(25, 1, 1)),
        ("EPYC-Genoa", SignatureOf(25, 17, 0)),
        ("EPYC-Turin", SignatureOf(26, 0, 0)),
    ];

    /// <summary>The names, without versions.</summary>
    public static IEnumerable<string> Names => s_types.Select(type => type.Name);

    /// <summary>
    /// The signature of a processor: one of <see cref="Names"/>, with or without a version (<c>EPYC-v4</c>; versions do not
    /// differ in it), or <c>host</c> never, since that is another one on each machine. Null for a name that is not known.
    /// </summary>
    public static uint? Find(string name)
    {
        int version = name.LastIndexOf("-v", StringComparison.Ordinal);
        string bare = version > 0 && name.Length > version + 2 && name.AsSpan(version + 2).IndexOfAnyExceptInRange('0', '9') < 0 ? name[..version] : name;
        return s_types.FirstOrDefault(type => type.Name == bare) is { Name: not null } found ? found.Signature : null;
    }

    /// <summary>CPUID Fn0000_0001 EAX of a family (15 up), model and stepping (AMD, CPUID Specification 25481).</summary>
    public static uint SignatureOf(uint family, uint model, uint stepping) =>
        ((family - 15) << 20) | (model >> 4 << 16) | (15 << 8) | ((model & 15) << 4) | (stepping & 15);
}
