using System.Diagnostics;
using System.Globalization;

namespace Culvert.Attestation.Tests.Live;

/// <summary>
/// A TPM in software (<c>swtpm</c>) in a folder of its own, on Unix sockets there, with an RSA and an ECDSA attestation key
/// kept in it. Ended by its process's number. Skips the test that makes it where the programs are not installed.
/// </summary>
internal sealed class SoftwareTpm : IHostTools, IDisposable
{
    internal const string RsaKey = TpmToolsCollector.DefaultKeyHandle;
    internal const string EcdsaKey = "0x81000004";

    /// <summary>RSA with RSASSA-PSS.</summary>
    internal const string PssKey = "0x81000006";

    /// <summary>ECDSA on P-384 with SHA-384.</summary>
    internal const string LargeEcdsaKey = "0x81000007";

    /// <summary>An RSA key below an endorsement key, as <c>tpm2_createak</c> makes them.</summary>
    internal const string ChildKey = "0x81000005";

    private const string EndorsementKey = "0x81010001";
    private const string KeyAttributes = "fixedtpm|fixedparent|sensitivedataorigin|userwithauth|restricted|sign";

    private readonly string _folder = Directory.CreateTempSubdirectory("culvert-tpm-").FullName;

    internal SoftwareTpm()
    {
        string[] needed = ["swtpm", "tpm2_quote", "tpm2_createprimary"];
        if (needed.FirstOrDefault(program => !Has(program)) is { } missing)
        {
            Directory.Delete(_folder);
            Assert.Skip($"NO LIVE TPM: {missing} is not installed, so nothing is verified against a TPM that runs; install swtpm, swtpm-tools and tpm2-tools");
        }

        // It goes to the background once its sockets take connections.
        string state = Directory.CreateDirectory(At("state")).FullName;
        Succeed("swtpm",
            ["socket", "--tpm2", "--tpmstate", $"dir={state}", "--server", $"type=unixio,path={At("tpm")}", "--ctrl", $"type=unixio,path={At("tpm.ctrl")}", "--flags", "not-need-init,startup-clear", "--daemon", "--pid", $"file={At("pid")}"]);
        try
        {
            Keep("rsa2048:rsassa-sha256:null", RsaKey);
            Keep("ecc256:ecdsa-sha256:null", EcdsaKey);
            Keep("rsa2048:rsapss-sha256:null", PssKey);
            Keep("ecc384:ecdsa-sha384:null", LargeEcdsaKey);
            EndorsementArea = KeepChild();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>How tpm2-tools reach it.</summary>
    internal string Transport => $"swtpm:path={At("tpm")}";

    /// <summary>The public area of the key above <see cref="ChildKey"/>.</summary>
    internal ReadOnlyMemory<byte> EndorsementArea { get; }

    /// <summary>What its registers were extended with, in order; firmware would have logged it.</summary>
    internal List<(int Register, string Event)> Events { get; } = [];

    /// <summary>Extends a register of the SHA-256 bank.</summary>
    internal void Extend(int register, string what)
    {
        string digest = Convert.ToHexStringLower(Forge.EventLogForge.Digest(what));
        Tool("tpm2_pcrextend", [string.Create(CultureInfo.InvariantCulture, $"{register}:sha256={digest}")], []);
        Events.Add((register, what));
    }

    /// <summary>Runs a program of tpm2-tools against it and gives the files that it left.</summary>
    internal IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Tool(string program, IReadOnlyList<string> arguments, IReadOnlyList<string> outputs)
    {
        Outcome<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> run = Run(program, [.. arguments, "-T", Transport], outputs);
        Assert.Null(run.Failure);
        return run.Value;
    }

    public bool Has(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => folder.Length > 0 && File.Exists(Path.Join(folder, program)));

    public Outcome<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> Run(string program, IReadOnlyList<string> arguments, IReadOnlyList<string> outputs)
    {
        if (RunProgram(program, arguments) is { } complaint)
        {
            return new Failure(FailureKind.Io, complaint);
        }

        return outputs.ToDictionary(name => name, name => (ReadOnlyMemory<byte>)File.ReadAllBytes(At(name)));
    }

    public void Dispose()
    {
        if (File.Exists(At("pid")) && int.TryParse(File.ReadAllText(At("pid")), CultureInfo.InvariantCulture, out int id))
        {
            using Process server = Process.GetProcessById(id);
            server.Kill();
            server.WaitForExit();
        }

        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Makes a restricted signing key and keeps it under a handle.</summary>
    private void Keep(string algorithm, string handle)
    {
        Tool("tpm2_createprimary", ["-Q", "-C", "e", "-G", algorithm, "-a", KeyAttributes, "-c", At("key.ctx")], []);
        Persist(handle);
    }

    private ReadOnlyMemory<byte> KeepChild()
    {
        Tool("tpm2_createek", ["-Q", "-c", EndorsementKey, "-G", "rsa"], []);
        Tool("tpm2_flushcontext", ["-t"], []);
        Tool("tpm2_createak", ["-Q", "-C", EndorsementKey, "-c", At("key.ctx"), "-G", "rsa", "-s", "rsassa", "-g", "sha256"], []);
        Tool("tpm2_flushcontext", ["-t"], []);
        Persist(ChildKey);
        return Tool("tpm2_readpublic", ["-Q", "-c", EndorsementKey, "-f", "tpmt", "-o", "public"], ["public"])["public"];
    }

    private void Persist(string handle)
    {
        Tool("tpm2_evictcontrol", ["-Q", "-C", "o", "-c", At("key.ctx"), handle], []);

        // There is no resource manager that would take them away.
        Tool("tpm2_flushcontext", ["-t"], []);
    }

    private string At(string name) => Path.Join(_folder, name);

    private void Succeed(string program, IReadOnlyList<string> arguments) => Assert.Null(RunProgram(program, arguments));

    /// <summary>Null when it succeeds, otherwise what it says.</summary>
    private string? RunProgram(string program, IReadOnlyList<string> arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = _folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string error = process.StandardError.ReadToEnd();
        output.Wait();
        process.WaitForExit();
        return process.ExitCode == 0 ? null : $"{program} failed ({process.ExitCode}): {error.Trim()}";
    }
}
