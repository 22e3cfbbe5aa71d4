using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Culvert.Attestation;

namespace Culvert.Benchmarks.Attestation;

/// <summary>
/// One real quote with its collateral verified again and again: warm, as a broker does for a platform that it has seen, and cold,
/// with nothing remembered; against as many bare verifications on P-256 as are in it.
/// </summary>
internal sealed class QuoteVerification(string name, string title, string sample, DateTimeOffset at) : IScenario
{
    /// <summary>The quoting enclave's report and the quote: what is new in every quote.</summary>
    private const int WarmSignatures = 2;

    /// <summary>Besides: PCK certificate, its authority, two revocation lists, TCB signer, TCB info, QE identity.</summary>
    private const int ColdSignatures = WarmSignatures + 7;

    private const int Verifications = 2_000;

    /// <summary>Cold ones of every so many: they take longer, and the ratio says the same.</summary>
    private const double ColdShare = 0.25;

    public string Name => name;

    public string Title => title;

    public string Against => Bare(WarmSignatures);

    /// <summary>An SGX quote, version 3.</summary>
    internal static QuoteVerification Sgx() => new(
        "attestation-sgx", "An SGX quote with collateral verified", "intel-sgx-v3-a", new DateTimeOffset(2025, 7, 1, 0, 0, 0, TimeSpan.Zero));

    /// <summary>A TDX quote, version 5.</summary>
    internal static QuoteVerification Tdx() => new(
        "attestation-tdx", "A TDX quote with collateral verified", "intel-tdx-v5-a", new DateTimeOffset(2025, 7, 1, 0, 0, 0, TimeSpan.Zero));

    public PreparedScenario Prepare(BenchmarkOptions options)
    {
        int count = (int)Math.Min(options.Rows ?? Verifications, int.MaxValue);
        string folder = Path.GetFullPath(Repository.PathOf("..", "shared", "data", "attestation", sample));
        if (!Directory.Exists(folder))
        {
            const string Reason = "the samples of real evidence are not beside the repository (shared/data/attestation)";
            return new PreparedScenario([Contender.Missing("Culvert, warm", ContenderRole.Culvert, Reason), Contender.Missing(Bare(WarmSignatures), ContenderRole.Limit, Reason)], count, "verifications");
        }

        Evidence evidence = Evidence.Detect(Directory.GetFiles(folder).ToDictionary(path => Path.GetFileName(path), path => (ReadOnlyMemory<byte>)File.ReadAllBytes(path))).Value;
        VendorRoots warm = VendorRoots.BuiltIn with { Memory = new VerificationMemory() };
        string answer = Verdict(evidence, warm);
        return new PreparedScenario(
            [
                Timed("Culvert, warm", ContenderRole.Culvert, count, 1, answer, () => Verdict(evidence, warm)),
                Timed("Culvert, cold", ContenderRole.Culvert, count, ColdShare, answer, () => Verdict(evidence, VendorRoots.BuiltIn with { Memory = new VerificationMemory() })),
                BareSignatures(WarmSignatures, count, 1),
                BareSignatures(ColdSignatures, count, ColdShare),
            ],
            count,
            "verifications");
    }

    private static string Bare(int signatures) => string.Create(CultureInfo.InvariantCulture, $"{signatures} bare P-256 verifications");

    private string Verdict(Evidence evidence, VendorRoots roots)
    {
        AttestationVerdict verdict = Verifier.Verify(evidence, Collateral.None, at, VerificationPolicy.None, roots);
        return $"{verdict.Status} {verdict.Tcb.Status}";
    }

    private static Contender BareSignatures(int signatures, int count, double share)
    {
        ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        byte[] data = new byte[432];
        byte[] signature = key.SignData(data, HashAlgorithmName.SHA256);
        return Timed(Bare(signatures), ContenderRole.Limit, count, share, "True", () =>
        {
            bool holds = true;
            for (int i = 0; i < signatures; i++)
            {
                holds &= key.VerifyData(data, signature, HashAlgorithmName.SHA256);
            }

            return holds ? bool.TrueString : bool.FalseString;
        });
    }

    /// <summary>Does it so many times and keeps how long each took; every answer has to be the expected one.</summary>
    private static Contender Timed(string name, ContenderRole role, int count, double share, string expected, Func<string> verify)
    {
        double[] milliseconds = new double[Math.Max(1, (int)(count * share))];
        return new Contender(name, role, () =>
        {
            string answer = expected;
            for (int i = 0; i < milliseconds.Length; i++)
            {
                long start = Stopwatch.GetTimestamp();
                string got = verify();
                milliseconds[i] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
                answer = got == expected ? answer : got;
            }

            Array.Sort(milliseconds);
            return answer;
        })
        {
            Share = share,
            Expected = expected,
            Figures = () => [new Figure("p50", Percentile(milliseconds, 0.5), "ms"), new Figure("p99", Percentile(milliseconds, 0.99), "ms")],
        };
    }

    private static double Percentile(double[] sorted, double part) => sorted[(int)(part * (sorted.Length - 1))];
}
