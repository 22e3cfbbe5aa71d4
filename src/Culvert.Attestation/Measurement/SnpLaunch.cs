namespace Culvert.Attestation;

/// <summary>What starts the guest: the processors' first state differs a little among them.</summary>
public enum SnpMonitor
{
    /// <summary>QEMU on a Linux whose KVM puts the floating-point unit's first state into the save area (since 6.10).</summary>
    Qemu,

    /// <summary>QEMU on AMD's kernels before that, whose save areas have zeros there.</summary>
    QemuEarly,

    /// <summary>Amazon EC2.</summary>
    Ec2,
}

/// <summary>How an SEV-SNP guest is launched, as far as it is measured beside the firmware.</summary>
/// <param name="Processors">Virtual processors, 1 to <see cref="ProcessorsMax"/>.</param>
/// <param name="ProcessorSignature">What CPUID says of family, model and stepping (<see cref="SnpProcessorType"/>).</param>
/// <param name="Kernel">What is booted, when the host gives it to the firmware (<c>-kernel</c>, <c>kernel-hashes=on</c>); null: the firmware looks for itself.</param>
/// <param name="Features">SEV_FEATURES of the save area; 1: SEV-SNP and nothing else.</param>
/// <param name="Monitor">What starts the guest.</param>
public sealed record SnpLaunch(
    int Processors,
    uint ProcessorSignature,
    KernelHashes? Kernel,
    ulong Features = 1,
    SnpMonitor Monitor = SnpMonitor.Qemu)
{
    /// <summary>More processors than QEMU gives a guest.</summary>
    public const int ProcessorsMax = 4096;
}
