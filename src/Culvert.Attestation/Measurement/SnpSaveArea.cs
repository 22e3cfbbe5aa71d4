using System.Buffers.Binary;

namespace Culvert.Attestation;

/// <summary>
/// A virtual processor's first registers as the page that is measured (AMD64 Architecture Programmer's Manual, volume 2, table
/// B-4; values as KVM and the monitors set them).
/// </summary>
internal static class SnpSaveArea
{
    /// <summary>Where the first processor begins: the reset vector.</summary>
    internal const uint FirstAddress = 0xFFFF_FFF0;

    private const int CodeSegment = 0x10;

    /// <summary>The page of a processor that begins at an address.</summary>
    internal static byte[] Page(uint address, SnpLaunch launch)
    {
        bool isEc2 = launch.Monitor == SnpMonitor.Ec2;
        byte[] page = new byte[SnpLaunchDigest.PageBytes];
        foreach (int data in (ReadOnlySpan<int>)[0x00, 0x30, 0x40, 0x50])
        {
            Segment(page, data, 0, 0x93, 0);
        }

        Segment(page, CodeSegment, 0xF000, isEc2 && address == FirstAddress ? (ushort)0x9A : (ushort)0x9B, address & 0xFFFF_0000);
        Segment(page, 0x20, 0, isEc2 ? (ushort)0x92 : (ushort)0x93, 0);
        Segment(page, 0x60, 0, 0, 0);
        Segment(page, 0x70, 0, 0x82, 0);
        Segment(page, 0x80, 0, 0, 0);
        Segment(page, 0x90, 0, isEc2 ? (ushort)0x83 : (ushort)0x8B, 0);

        Register(page, 0x0D0, 0x1000);              // EFER: KVM sets SVME
        Register(page, 0x148, 0x40);                // CR4: KVM sets MCE
        Register(page, 0x158, 0x10);                // CR0
        Register(page, 0x160, 0x400);               // DR7
        Register(page, 0x168, 0xFFFF_0FF0);         // DR6
        Register(page, 0x170, 0x2);                 // RFLAGS
        Register(page, 0x178, address & 0xFFFF);    // RIP
        Register(page, 0x268, 0x0007_0406_0007_0406); // G_PAT
        Register(page, 0x310, isEc2 ? 0 : launch.ProcessorSignature); // RDX
        Register(page, 0x3B0, launch.Features);     // SEV_FEATURES
        Register(page, 0x3E8, 1);                   // XCR0
        if (launch.Monitor == SnpMonitor.Qemu)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(0x408), 0x1F80); // MXCSR
            BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(0x410), 0x037F); // x87 control word
        }

        return page;
    }

    private static void Segment(byte[] page, int at, ushort selector, ushort attributes, ulong address)
    {
        Span<byte> segment = page.AsSpan(at, 16);
        BinaryPrimitives.WriteUInt16LittleEndian(segment, selector);
        BinaryPrimitives.WriteUInt16LittleEndian(segment[2..], attributes);
        BinaryPrimitives.WriteUInt32LittleEndian(segment[4..], 0xFFFF);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[8..], address);
    }

    private static void Register(byte[] page, int at, ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(at), value);
}
