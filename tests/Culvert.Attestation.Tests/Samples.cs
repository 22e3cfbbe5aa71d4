using System.Collections.Immutable;
using System.Globalization;

namespace Culvert.Attestation.Tests;

/// <summary>Real evidence, in a folder beside the repository. Without it the tests that need it are skipped, and say so.</summary>
internal static class Samples
{
    /// <summary>The folder of samples; skips the test when it is not there.</summary>
    internal static string Root()
    {
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string folder = Path.Join(at.FullName, "shared", "data", "attestation");
            if (Directory.Exists(folder))
            {
                return folder;
            }
        }

        Assert.Skip("REAL EVIDENCE IS NOT AT HAND, so nothing is verified against it: there is no folder shared/data/attestation beside the repository");
        return "";
    }

    /// <summary>A sample's files by name.</summary>
    internal static Dictionary<string, ReadOnlyMemory<byte>> Files(string sample) =>
        Directory.GetFiles(Path.Join(Root(), sample)).ToDictionary(
            path => Path.GetFileName(path),
            path => (ReadOnlyMemory<byte>)File.ReadAllBytes(path),
            StringComparer.Ordinal);

    internal static byte[] Bytes(string sample, string name) => File.ReadAllBytes(Path.Join(Root(), sample, name));

    internal static Evidence Evidence(string sample) => Of(Files(sample));

    internal static Evidence Of(Dictionary<string, ReadOnlyMemory<byte>> files)
    {
        Outcome<Evidence> evidence = Culvert.Attestation.Evidence.Detect(files);
        Assert.Null(evidence.Failure);
        return evidence.Value;
    }

    internal static AttestationVerdict Verify(string sample, string at, VerificationPolicy? policy = null) =>
        Verifier.Verify(Evidence(sample), Collateral.None, Time(at), policy);

    internal static AttestationVerdict Verify(Dictionary<string, ReadOnlyMemory<byte>> files, string at, VerificationPolicy? policy = null) =>
        Verifier.Verify(Of(files), Collateral.None, Time(at), policy);

    internal static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    /// <summary>A policy that names measurements with one value each.</summary>
    internal static VerificationPolicy Accepting(params (string Name, string Value)[] measurements) => new()
    {
        Measurements = measurements.ToImmutableSortedDictionary(entry => entry.Name, entry => ImmutableArray.Create(entry.Value)),
    };
}
