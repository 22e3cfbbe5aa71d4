namespace Culvert.Enclaves;

/// <summary>What to start as an enclave, and within which limits. Immutable.</summary>
public sealed record EnclaveOptions
{
    /// <summary>Smallest ring, bytes.</summary>
    public const int RingBytesMin = 64 << 10;

    /// <summary>Largest ring, bytes.</summary>
    public const int RingBytesLimit = 256 << 20;

    /// <summary>
    /// The program, by absolute path; its <c>Main</c> calls <see cref="EnclaveProgram.RunIfAsked"/> first. By default the one
    /// that runs now.
    /// </summary>
    public string? Executable { get; init; }

    /// <summary>What comes before the enclave's own arguments: with <c>dotnet</c> as the program, the path of the assembly. By default as the program that runs now was started.</summary>
    public IReadOnlyList<string>? Arguments { get; init; }

    /// <summary>Capacity of each of the two rings, bytes: a power of two, 64 KiB to 256 MiB. Default 4 MiB.</summary>
    public int RingBytes { get; init; } = 4 << 20;

    /// <summary>Longest message either way, bytes; 1 to 1 GiB. Default <see cref="ChannelLimits.MessageBytesMax"/>.</summary>
    public int MessageBytesMax { get; init; } = ChannelLimits.MessageBytesMax;

    /// <summary>
    /// Most memory for managed objects, bytes; the enclave stops when it needs more. At least 16 MiB; by default as the
    /// machine allows. The runtime itself, compiled code, native memory and rings come on top.
    /// </summary>
    public long? HeapBytesMax { get; init; }

    /// <summary>
    /// Memory outside, bytes, to which the enclave pages out sealed state: whole mebibytes, 0 to 64 TiB. It takes room only as
    /// it is used. Default 0: none.
    /// </summary>
    public long OutsideBytes { get; init; }

    /// <summary>The enclave is to make evidence of itself (<see cref="EnclaveContext.Quoter"/>). Default false.</summary>
    public bool Quotes { get; init; }

    /// <summary>
    /// Also start where the operating system lacks part of the lock-down (Landlock, seccomp); the enclave's
    /// <see cref="LockdownReport"/> then says which. Default false: such a start fails.
    /// </summary>
    public bool AllowWeakerLockdown { get; init; }

    /// <summary>
    /// Lets the enclave's standard error through, for finding out why one does not start. Off by default: an unhandled
    /// exception's text could carry data out.
    /// </summary>
    public bool ShowsStandardError { get; init; }
}
