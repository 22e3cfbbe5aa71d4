using System.Security.Cryptography;
using Culvert.Enclaves.Simulation;

namespace Culvert.Enclaves.Tests.Simulation;

/// <summary>The development key's file.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class SimulationIdentityTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("culvert-simulation-key-").FullName;

    private string KeyPath => Path.Combine(_folder, "config", "simulation.pem");

    [Fact]
    public void The_key_is_made_once_and_then_read()
    {
        using SimulationIdentity made = SimulationIdentity.LoadOrCreate(KeyPath, MachineEntropy.Instance).Value;
        using SimulationIdentity read = SimulationIdentity.LoadOrCreate(KeyPath, MachineEntropy.Instance).Value;
        Assert.Equal(made.PublicKey, read.PublicKey);
        byte[] signature = made.Key.SignData("words"u8, HashAlgorithmName.SHA256);
        using ECDsa known = ECDsa.Create();
        known.ImportSubjectPublicKeyInfo(read.PublicKey.AsSpan(), out _);
        Assert.True(known.VerifyData("words"u8, signature, HashAlgorithmName.SHA256));
        Assert.Equal([KeyPath], Directory.GetFiles(Path.GetDirectoryName(KeyPath)!));
    }

    [Fact]
    public void Nobody_else_may_read_the_file()
    {
        using SimulationIdentity made = SimulationIdentity.LoadOrCreate(KeyPath, MachineEntropy.Instance).Value;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyPath));
        File.SetUnixFileMode(KeyPath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Failure failure = SimulationIdentity.LoadOrCreate(KeyPath, MachineEntropy.Instance).Failure!;
        Assert.Contains("chmod 600", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_that_make_it_at_once_get_one_key()
    {
        string[] keys = new string[16];
        Parallel.For(0, keys.Length, i =>
        {
            using SimulationIdentity identity = SimulationIdentity.LoadOrCreate(KeyPath, MachineEntropy.Instance).Value;
            keys[i] = Convert.ToHexString(identity.PublicKey.AsSpan());
        });
        Assert.Single(keys.Distinct());
    }

    [Fact]
    public void A_file_that_is_no_such_key_is_refused_and_left_alone()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(KeyPath)!);
        using ECDsa other = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        using ECDsa publicOnly = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        foreach (string text in new[] { "", "words", other.ExportPkcs8PrivateKeyPem(), publicOnly.ExportSubjectPublicKeyInfoPem(), new string('x', 5000) })
        {
            File.WriteAllText(KeyPath, text);
            File.SetUnixFileMode(KeyPath, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            Failure failure = SimulationIdentity.LoadOrCreate(KeyPath, MachineEntropy.Instance).Failure!;
            Assert.StartsWith(KeyPath, failure.Message, StringComparison.Ordinal);
            Assert.Equal(text, File.ReadAllText(KeyPath));
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
