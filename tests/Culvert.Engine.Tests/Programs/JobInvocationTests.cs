using System.Buffers;
using Culvert.Streams;

namespace Culvert.Engine.Tests.Programs;

public sealed class JobInvocationTests
{
    private static readonly JobInvocation s_whole = new()
    {
        Inputs = ["a.csv", "ü/*.csv"],
        Parameters = [new("b", "2"), new("a", "")],
        Protection = Protection.Enclave,
        Output = SinkSpec.Shown,
        SealedSources = [true, false],
    };

    [Fact]
    public void WhatIsWrittenIsReadAndTheSameInvocationGivesTheSameBytes()
    {
        byte[] bytes = s_whole.Write();

        JobInvocation read = JobInvocation.Read(bytes).Value;

        Assert.Equal(s_whole.Inputs, read.Inputs);
        Assert.Equal(s_whole.Parameters.OrderBy(p => p.Key), read.Parameters.OrderBy(p => p.Key));
        Assert.Equal(Protection.Enclave, read.Protection);
        Assert.Equal(SinkSpec.Shown, read.Output);
        Assert.Equal(s_whole.SealedSources, read.SealedSources);
        Assert.Equal(bytes, read.Write());
    }

    [Fact]
    public void EveryCutAndEveryByteMoreIsRefused()
    {
        byte[] bytes = s_whole.Write();

        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Equal(FailureKind.Malformed, JobInvocation.Read(bytes.AsSpan(0, length)).Failure?.Kind);
        }

        Assert.Equal(FailureKind.Malformed, JobInvocation.Read([.. bytes, 0]).Failure?.Kind);
    }

    [Theory]
    [InlineData("another version", 2, 0, "a", "b", 0, 0)]
    [InlineData("more inputs than there are bytes", 1, int.MaxValue, "a", "b", 0, 0)]
    [InlineData("fewer inputs than none", 1, -1, "a", "b", 0, 0)]
    [InlineData("a name twice", 1, 0, "a", "a", 0, 0)]
    [InlineData("names out of order", 1, 0, "b", "a", 0, 0)]
    [InlineData("an unknown protection", 1, 0, "a", "b", 77, 0)]
    [InlineData("a flag of two", 1, 0, "a", "b", 0, 2)]
    public void WhatIsNotCanonicalIsRefused(string flaw, byte version, int inputs, string first, string second, byte protection, byte flag)
    {
        Assert.True(JobInvocation.Read(Bytes(1, 0, "a", "b", 0, 0)).Succeeded);
        Assert.True(JobInvocation.Read(Bytes(version, inputs, first, second, protection, flag)).Failure?.Kind == FailureKind.Malformed, flaw);
    }

    private static byte[] Bytes(byte version, int inputs, string first, string second, byte protection, byte flag)
    {
        ArrayBufferWriter<byte> writer = new();
        writer.Byte(version);
        writer.Int32(inputs);
        writer.Int32(2);
        foreach (string text in (string[])[first, "", second, ""])
        {
            writer.Text(text);
        }

        writer.Byte(protection);
        writer.Text("table");
        writer.Int32(1);
        writer.Byte(flag);
        return writer.WrittenSpan.ToArray();
    }
}
