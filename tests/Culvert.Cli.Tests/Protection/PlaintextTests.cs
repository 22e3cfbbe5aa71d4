using System.Text;
using Culvert.Cli.Tests.Running;

namespace Culvert.Cli.Tests.Protection;

/// <summary>What the owner knows is in no byte that the cloud keeps.</summary>
public sealed class PlaintextTests : SealedWorkFolder
{
    private const string Secret = "Ottilie Wildermuth";
    private const long Number = 0x1122334455667788;

    [Theory]
    [InlineData("sealed")]
    [InlineData("enclave")]
    public void Neither_sealed_files_nor_snapshots_hold_a_value_a_name_or_a_script(string protection)
    {
        StringBuilder csv = new("patient,insulin,ward\n");
        for (int i = 0; i < 300; i++)
        {
            csv.Append(Secret).Append(i % 40).Append(',').Append(Number).Append(",ward\n");
        }

        Write("in.csv", csv.ToString());
        Write("reduce.lua", """
            initial = { n = 0, least = 9223372036854775807 }
            function reduce(a, e) a.n = a.n + 1 a.least = math.min(a.least, e.insulin) return a end
            function finish(a) return { n = a.n, least = a.least, diagnosis = "juvenile" } end
            """);
        Write("job.yaml", """
            job: hospital
            source: { csv: in.csv, types: { patient: text, insulin: int64, ward: text } }
            stages:
              - lua: { reduce: reduce.lua, by: patient, returns: { n: int64, least: int64, diagnosis: text } }
            """);
        Seal("in.csv", "in.sealed", "job.yaml");

        ProgramResult run = Succeeds("run", "job.yaml", "--input", "in.sealed", "--key", "owner.key", "--protection", protection, "-o", "out.sealed", "--snapshots", "snapshots");
        string inspected = Succeeds("inspect", "in.sealed").Out + Succeeds("inspect", "out.sealed").Out;
        string opened = Succeeds("open", "out.sealed", "--key", "owner.key", "--format", "csv").Out;

        Assert.Contains($"{Secret}7,8,{Number},juvenile\n", opened, StringComparison.Ordinal);
        string[] kept = ["in.sealed", "out.sealed", .. Directory.GetFiles(At("snapshots"), "*", SearchOption.AllDirectories)];
        Assert.True(kept.Length > 3, "no snapshot was kept");
        foreach ((string name, byte[] bytes) in kept
            .Where(f => Path.GetFileName(f) != ".lock")
            .Select(f => (f, File.ReadAllBytes(Path.Combine(Folder, f))))
            .Append(("what inspect and the run say", Encoding.UTF8.GetBytes(inspected + run.Out + run.Error))))
        {
            foreach (byte[] known in (byte[][])[
                Encoding.UTF8.GetBytes(Secret), "patient"u8.ToArray(), "insulin"u8.ToArray(), "juvenile"u8.ToArray(), "hospital"u8.ToArray(),
                BitConverter.GetBytes(Number), [.. BitConverter.GetBytes(Number).Reverse()], Encoding.UTF8.GetBytes($"{Number}")])
            {
                Assert.True(bytes.AsSpan().IndexOf(known) < 0, $"{name} holds {Encoding.Latin1.GetString(known)}");
            }
        }
    }
}
