using System.Text.Json;
using Culvert.Attestation.Tests;
using Culvert.Cli.Tests.Running;

namespace Culvert.Cli.Tests.Measure;

[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public class MeasureTests : WorkFolder
{
    private const string Zeros = "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000";

    [Fact]
    public void Two_clean_builds_in_different_folders_give_the_same_measurement()
    {
        WriteProgram("one");
        WriteProgram("another/and deeper");

        // Simulation: the image alone.
        JsonElement one = Measured(0, "measure", "one", "--json", "-o", "image-1");
        JsonElement another = Measured(0, "measure", "another/and deeper", "--json", "-o", "image-2");
        Assert.Equal(one.ToString(), another.ToString());
        Assert.Equal(one.GetProperty("image").GetProperty("sha256").GetString(), one.GetProperty("values").GetProperty("measurement").GetString());
        Assert.Contains("sensors.dll", one.GetProperty("files").EnumerateArray().Select(file => file.GetProperty("name").GetString()));
        Assert.EndsWith(", in the image", one.GetProperty("settings").GetProperty("runtime").GetString(), StringComparison.Ordinal);
        Assert.Equal(Contents("image-1"), Contents("image-2"));

        // What changes in the sources changes in the measurement.
        File.AppendAllText(At("one/Program.cs"), "\ninternal static class Added;\n");
        Assert.NotEqual(one.GetProperty("values").ToString(), Measured(0, "measure", "one", "--json").GetProperty("values").ToString());

        // The built image, as guests and enclaves boot it.
        Guests("image-1/culvert", "image-2/culvert");
        Enclaves("image-1/culvert", "image-2/culvert");
    }

    [Fact]
    public void A_job_file_is_measured_as_this_program_and_its_plan()
    {
        JsonElement measured = Measured(0, "measure", Flights, "--json");
        ProgramResult folder = Culvert("measure", Path.GetDirectoryName(Flights)!, "--files");

        string image = measured.GetProperty("image").GetProperty("sha256").GetString()!;
        Assert.Equal("simulation", measured.GetProperty("kind").GetString());
        Assert.Equal(image, measured.GetProperty("values").GetProperty("measurement").GetString());
        Assert.Equal("delayed-flights", measured.GetProperty("job").GetProperty("name").GetString());
        Assert.Equal(0, folder.ExitCode);
        Assert.Contains($"measurement:  {image}\n", folder.Out, StringComparison.Ordinal);
        Assert.Contains(measured.GetProperty("job").GetProperty("plan").GetString()!, folder.Out, StringComparison.Ordinal);
        Assert.Contains("  culvert.dll\n", folder.Out, StringComparison.Ordinal);
        Assert.Contains(".NET itself is not in this image", folder.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nowhere: neither a job file, nor a folder with job.yaml", "measure", "nowhere")]
    [InlineData("--tee is one of", "measure", "JOB", "--tee", "sev")]
    [InlineData("--vcpus is a number from 1 to 4096", "measure", "JOB", "--vcpus", "0")]
    [InlineData("--guest-features xyz: not hexadecimal", "measure", "JOB", "--guest-features", "xyz")]
    [InlineData("--register rtmr0=12: a register is given as", "measure", "JOB", "--register", "rtmr0=12")]
    [InlineData("here: it is there already", "measure", "JOB", "-o", "here")]
    [InlineData(".NET itself is not in this image, so no guest could run it", "measure", "JOB", "--tee", "snp")]
    public void Wrong_use_is_explained(string message, params string[] arguments)
    {
        Directory.CreateDirectory(At("here"));

        ProgramResult result = Culvert([.. arguments.Select(argument => argument == "JOB" ? Flights : argument)]);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_program_that_does_not_compile_gives_the_compilers_words()
    {
        WriteProgram("one");
        File.WriteAllText(At("one/Program.cs"), "return nonsense;");

        ProgramResult result = Culvert("measure", "one");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("the build failed", result.Error, StringComparison.Ordinal);
        Assert.Contains("CS0103", result.Error, StringComparison.Ordinal);
    }

    private void Guests(string one, string another)
    {
        File.WriteAllBytes(At("firmware.fd"), MadeFirmware.Make());
        Write("kernel", "the kernel");
        string[] parts = ["--firmware", "firmware.fd", "--kernel", "kernel", "--append", "console=ttyS0", "--json"];

        // Without firmware and kernel the ramdisk is made and the rest is asked for.
        ProgramResult bare = Culvert("measure", one, "--tee", "snp");
        Assert.Equal(1, bare.ExitCode);
        Assert.Contains("  initrd: sha256 ", bare.Out, StringComparison.Ordinal);
        Assert.Contains("measurement is missing: the launch is measured with --firmware FILE", bare.Error, StringComparison.Ordinal);

        JsonElement snp = Measured(0, ["measure", one, "--tee", "snp", "-o", "snp-1", .. parts]);
        Assert.Equal(96, snp.GetProperty("values").GetProperty("measurement").GetString()!.Length);
        Assert.Equal(snp.ToString(), Measured(0, ["measure", another, "--tee", "snp", "-o", "snp-2", .. parts]).ToString());
        Assert.Equal(File.ReadAllBytes(At("snp-1/initrd.cpio")), File.ReadAllBytes(At("snp-2/initrd.cpio")));
        Assert.NotEqual(snp.GetProperty("values").ToString(), Measured(0, ["measure", one, "--tee", "snp", "--vcpus", "2", .. parts]).GetProperty("values").ToString());

        // What the host decides of a trust domain has to be given.
        JsonElement tdx = Measured(1, ["measure", one, "--tee", "tdx", .. parts]);
        Assert.Equal("cf69cbc768492dd5a3190f14eca19903fa3cb554f164bda384499d6607a69463beb387e98e9599fadd2cd4b0a2de4378", tdx.GetProperty("values").GetProperty("mrtd").GetString());
        Assert.Equal(["rtmr0", "rtmr1"], tdx.GetProperty("missing").EnumerateObject().Select(member => member.Name));
        JsonElement whole = Measured(0, ["measure", one, "--tee", "tdx", "--register", $"rtmr0={Zeros}", "--register", $"rtmr1={Zeros}", .. parts]);
        Assert.Equal(["mrtd", "rtmr0", "rtmr1", "rtmr2", "rtmr3"], whole.GetProperty("values").EnumerateObject().Select(member => member.Name));
    }

    private void Enclaves(string one, string another)
    {
        bool hasGramine = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Join(folder, "gramine-sgx-sign")));
        int expected = hasGramine ? 0 : 1;

        JsonElement sgx = Measured(expected, "measure", one, "--tee", "sgx", "--json", "-o", "sgx-1");
        Assert.Equal(sgx.ToString(), Measured(expected, "measure", another, "--tee", "sgx", "--json", "-o", "sgx-2").ToString());
        Assert.Equal(hasGramine, sgx.GetProperty("values").TryGetProperty("mrenclave", out _));
        Assert.Equal(Read("sgx-1/culvert.manifest"), Read("sgx-2/culvert.manifest"));
        Assert.Contains("file:culvert/sensors.dll", Read("sgx-1/culvert.manifest"), StringComparison.Ordinal);
    }

    /// <summary>The example, against the assemblies that these tests have: building all of Culvert twice takes minutes.</summary>
    private void WriteProgram(string folder)
    {
        Directory.CreateDirectory(At(folder));
        foreach (string source in Directory.GetFiles(Path.Combine(Repository, "examples", "Sensors"), "*.cs"))
        {
            File.Copy(source, At(Path.Combine(folder, Path.GetFileName(source))));
        }

        string references = string.Concat(Directory.GetFiles(AppContext.BaseDirectory, "Culvert.*.dll")
            .Where(path => !path.EndsWith(".Tests.dll", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(path => $"<Reference Include=\"{Path.GetFileNameWithoutExtension(path)}\" HintPath=\"{path}\" />"));
        Write(Path.Combine(folder, "sensors.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <InvariantGlobalization>true</InvariantGlobalization>
              </PropertyGroup>
              <ItemGroup>{references}</ItemGroup>
            </Project>
            """);
    }

    private JsonElement Measured(int exitCode, params string[] arguments)
    {
        ProgramResult result = Culvert(arguments);
        Assert.True(result.ExitCode == exitCode, result.Error);
        using JsonDocument document = JsonDocument.Parse(result.Out);
        return document.RootElement.Clone();
    }

    private Dictionary<string, string> Contents(string folder) => Directory.GetFiles(At(folder), "*", SearchOption.AllDirectories).ToDictionary(
        path => Path.GetRelativePath(At(folder), path),
        path => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(path))));
}
