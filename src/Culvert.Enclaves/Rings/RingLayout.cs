using System.Numerics;

namespace Culvert.Enclaves.Rings;

/// <summary>Where things lie in the shared memory (docs/specs/enclave-boundary.md).</summary>
internal static class RingLayout
{
    /// <summary>Bytes before the rings' data: both rings' control areas.</summary>
    internal const int ControlBytes = 4096;

    /// <summary>The second ring's control area.</summary>
    internal const int SecondControl = 2048;

    // In a control area. Processors fetch lines of 64 bytes in pairs, so what different sides write is 128 apart.
    internal const int Written = 0;
    internal const int Read = 128;
    internal const int ProducerState = 256;
    internal const int ConsumerSleeps = 384;
    internal const int ProducerSleeps = 512;

    /// <summary>Before each message: its length, 4 bytes, little-endian.</summary>
    internal const int PrefixBytes = 4;

    internal static bool IsCapacity(int bytes) =>
        bytes is >= EnclaveOptions.RingBytesMin and <= EnclaveOptions.RingBytesLimit && BitOperations.IsPow2(bytes);

    internal static long RegionBytes(int ringBytes) => ControlBytes + (2L * ringBytes);
}
