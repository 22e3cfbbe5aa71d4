namespace Culvert.Attestation.Tests.Live;

/// <summary>One TPM for a class of tests, started by the first that asks for it, which is skipped where there can be none.</summary>
public sealed class LiveTpm : IDisposable
{
    private SoftwareTpm? _tpm;

    internal SoftwareTpm Tpm => _tpm ??= Start();

    public void Dispose() => _tpm?.Dispose();

    private static SoftwareTpm Start()
    {
        SoftwareTpm tpm = new();
        foreach ((int register, string what) in new[] { (0, "firmware"), (4, "boot loader"), (7, "secure boot"), (4, "kernel") })
        {
            tpm.Extend(register, what);
        }

        return tpm;
    }
}
