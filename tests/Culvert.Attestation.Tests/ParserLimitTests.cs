using System.Text;

namespace Culvert.Attestation.Tests;

/// <summary>Forms that parsers refuse although a lenient one would read them: one flaw each.</summary>
public class ParserLimitTests
{
    [Theory]
    [InlineData("lines of 63", 63, "\n", "")]
    [InlineData("lines of 65", 65, "\n", "")]
    [InlineData("text between", 64, "\n", "hello\n")]
    [InlineData("white space at the end of a line", 64, " \n", "")]
    public void PEM_in_any_other_form_is_refused(string flaw, int columns, string lineEnd, string behind)
    {
        byte[] root = VendorRoots.BuiltIn.Intel.Raw.ToArray();

        Assert.True(Pem.ParseChain(Encoding.ASCII.GetBytes(Text(root, 64, "\n", "")), "PEM").Succeeded);
        Assert.True(Pem.ParseChain(Encoding.ASCII.GetBytes(Text(root, 64, "\r\n", "")), "PEM").Succeeded);
        Assert.False(Pem.ParseChain(Encoding.ASCII.GetBytes(Text(root, columns, lineEnd, behind)), "PEM").Succeeded, flaw);

        static string Text(byte[] encoded, int columns, string lineEnd, string behind) =>
            $"-----BEGIN CERTIFICATE-----{lineEnd}{string.Concat(Convert.ToBase64String(encoded).Chunk(columns).Select(line => new string(line) + lineEnd))}-----END CERTIFICATE-----{lineEnd}{behind}";
    }

    [Fact]
    public void A_chain_without_end_is_cut_short()
    {
        byte[] root = Encoding.ASCII.GetBytes($"-----BEGIN CERTIFICATE-----\n{string.Concat(Convert.ToBase64String(VendorRoots.BuiltIn.Intel.Raw.Span).Chunk(64).Select(line => new string(line) + "\n"))}-----END CERTIFICATE-----\n");

        Failure? failure = Pem.ParseChain([.. Enumerable.Repeat(root, Pem.CertificatesMax + 1).SelectMany(text => text)], "PEM").Failure;

        Assert.Equal(FailureKind.TooLarge, failure?.Kind);
    }

    [Theory]
    [InlineData("1817", "an integer in two bytes that fits one")]
    [InlineData("190017", "an integer in three bytes that fits one")]
    [InlineData("5F4101FF", "a byte string of indefinite length")]
    [InlineData("9B00000000FFFFFFFF", "an array of four thousand million entries")]
    [InlineData("C101", "a tag")]
    [InlineData("F93C00", "a floating-point number")]
    [InlineData("", "nothing")]
    public void CBOR_in_any_other_form_is_refused(string hex, string flaw)
    {
        byte[] bytes = Convert.FromHexString(hex);
        CborReader integer = new(bytes);
        integer.ReadUnsigned();
        CborReader text = new(bytes);
        text.ReadBytes(16);
        CborReader array = new(bytes);
        array.ReadArray(16);

        Assert.True(integer.Failed && text.Failed && array.Failed, flaw);
        Assert.False(integer.AtEnd || text.AtEnd || array.AtEnd, flaw);
    }

    [Fact]
    public void CBOR_of_known_forms_is_read()
    {
        CborReader reader = new(Convert.FromHexString("84181818FF3822F6"));

        Assert.Equal((4, 24UL, 255UL, -35), (reader.ReadArray(4), reader.ReadUnsigned(), reader.ReadUnsigned(), reader.ReadNegative()));
        Assert.True(reader.TryReadNull());
        Assert.True(reader.AtEnd);
    }

    [Fact]
    public void What_is_longer_than_evidence_can_be_is_not_looked_at()
    {
        Assert.Equal(FailureKind.TooLarge, Evidence.Detect(new byte[Evidence.BytesMax + 1]).Failure?.Kind);
        Assert.Equal(FailureKind.TooLarge, Evidence.Detect(Enumerable.Range(0, 65).ToDictionary(i => $"{i}", _ => default(ReadOnlyMemory<byte>))).Failure?.Kind);
    }

    [Theory]
    [InlineData("tcb_info")]
    [InlineData("qe_identity_signature")]
    [InlineData("pck_crl_issuer_chain")]
    [InlineData("root_ca_crl")]
    public void Collateral_that_lacks_a_part_is_refused(string part)
    {
        Dictionary<string, ReadOnlyMemory<byte>> files = Samples.Files("intel-tdx-v5-a");
        string text = Encoding.UTF8.GetString(files["collateral.json"].Span);
        files["collateral.json"] = Encoding.UTF8.GetBytes(text.Replace($"\"{part}\"", "\"another\"", StringComparison.Ordinal));

        Assert.Equal("intel.collateral.format", Samples.Verify(files, "2025-07-01").FailedCheck?.Check);
    }

    [Fact]
    public void Collateral_with_a_part_twice_is_refused()
    {
        Dictionary<string, ReadOnlyMemory<byte>> files = Samples.Files("intel-tdx-v5-a");
        string text = Encoding.UTF8.GetString(files["collateral.json"].Span).TrimEnd();
        files["collateral.json"] = Encoding.UTF8.GetBytes(text[..^1] + ",\"tcb_info\":\"{}\"}");

        Assert.Equal("intel.collateral.format", Samples.Verify(files, "2025-07-01").FailedCheck?.Check);
    }
}
