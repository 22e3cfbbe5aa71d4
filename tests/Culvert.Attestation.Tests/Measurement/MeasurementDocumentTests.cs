using System.Collections.Immutable;
using System.Text;

namespace Culvert.Attestation.Tests;

public class MeasurementDocumentTests
{
    private const string Sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    private static readonly MeasurementDocument s_document = new()
    {
        Kind = EvidenceKind.Simulation,
        Values = ImmutableSortedDictionary<string, string>.Empty.Add("measurement", Sha256),
        Description = "culvert 1.0.0, 1 files",
        ImageDigest = Convert.FromHexString(Sha256),
        Job = ("flights", default),
        Settings = [("runtime", "in the image")],
        Files = [new MeasuredFile("a.dll", 3, Convert.FromHexString(Sha256))],
    };

    [Fact]
    public void What_is_written_is_read_as_what_a_manifest_accepts()
    {
        byte[] text = s_document.Write();

        AcceptedMeasurement read = MeasurementDocument.Read(text).Value;

        Assert.True(s_document.IsWhole);
        Assert.Equal((EvidenceKind.Simulation, "culvert 1.0.0, 1 files"), (read.Kind, read.Description));
        Assert.Equal([new("measurement", Sha256)], read.Values);
        Assert.Equal(text, s_document.Write());
        Assert.EndsWith("}\n", Encoding.UTF8.GetString(text), StringComparison.Ordinal);
    }

    [Fact]
    public void Less_than_the_whole_measured_set_is_no_measurement_of_code()
    {
        MeasurementDocument tdx = s_document with
        {
            Kind = EvidenceKind.Tdx,
            Values = ImmutableSortedDictionary<string, string>.Empty.Add("mrtd", new string('0', 96)).Add("rtmr3", new string('0', 96)),
            Missing = ImmutableSortedDictionary<string, string>.Empty.Add("rtmr0", "the host makes it"),
        };

        Failure? failure = MeasurementDocument.Read(tdx.Write()).Failure;

        Assert.False(tdx.IsWhole);
        Assert.Equal(FailureKind.Missing, failure?.Kind);
        Assert.Contains("rtmr0, rtmr1, rtmr2 of tdx cannot be left open", failure?.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"measurement 1\"", "\"measurement 2\"", "culvert is not")]
    [InlineData("\"kind\": \"simulation\"", "\"kind\": \"enclave\"", "kind enclave is not known")]
    [InlineData("\"measurement\": \"ba", "\"mrsigner\": \"ba", "mrsigner is not in the measured set")]
    [InlineData("\"measurement\": \"ba78", "\"measurement\": \"", "measurements have 32 or 48")]
    [InlineData("\"measurement\": \"ba", "\"measurement\": \"Ba", "mixes upper-case and lower-case")]
    [InlineData("\"measurement\": \"ba", "\"measurement\": \"zz", "not hexadecimal")]
    [InlineData("\"description\":", "\"note\": 1, \"description\":", "member note is not known")]
    [InlineData("\"description\":", "\"kind\": \"sgx\", \"description\":", "Duplicate")]
    [InlineData("culvert 1.0.0", "culvert\\n1.0.0", "description is not a line")]
    [InlineData("\"values\": {", "\"values\": 1, \"x\": {", "x is not known")]
    public void A_document_that_is_anything_else_is_refused(string part, string instead, string message)
    {
        string text = Encoding.UTF8.GetString(s_document.Write());
        Assert.Contains(part, text, StringComparison.Ordinal);

        Failure? failure = MeasurementDocument.Read(Encoding.UTF8.GetBytes(text.Replace(part, instead, StringComparison.Ordinal))).Failure;

        Assert.Equal(FailureKind.Malformed, failure?.Kind);
        Assert.Contains(message, failure?.Message, StringComparison.OrdinalIgnoreCase);
    }
}
