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

        AcceptedMeasurement read = MeasuredSets.Parse(text).Value;

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

        Failure? failure = MeasuredSets.Parse(tdx.Write()).Failure;

        Assert.False(tdx.IsWhole);
        Assert.Contains("a measured set of tdx lacks rtmr0, rtmr1, rtmr2", failure?.Message, StringComparison.Ordinal);
    }
}
