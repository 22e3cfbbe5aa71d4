using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Culvert.Enclaves.Linux;
using Culvert.Sealing;
using Microsoft.Win32.SafeHandles;

namespace Culvert.Enclaves.Simulation;

/// <summary>
/// The development key with which this machine's user signs the evidence of simulated enclaves: ECDSA on P-256, in a file that
/// only that user may read, made when it is first needed. It says which user simulated, and proves nothing of any hardware.
/// Owns the key; not thread safe.
/// </summary>
public sealed class SimulationIdentity : IDisposable
{
    /// <summary>Names another file than the user's own.</summary>
    public const string Variable = "CULVERT_SIMULATION_KEY";

    /// <summary>Bytes of the longest file: a P-256 key in PEM (RFC 7468) has about 240.</summary>
    public const int FileBytesMax = 4096;

    private const UnixFileMode OwnersOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OfOthers =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private const string P256 = "1.2.840.10045.3.1.7";

    private SimulationIdentity(ECDsa key)
    {
        Key = key;
        PublicKey = [.. key.ExportSubjectPublicKeyInfo()];
    }

    /// <summary>The key, which stays this object's.</summary>
    public ECDsa Key { get; }

    /// <summary>Its public half: SubjectPublicKeyInfo, as a manifest's <c>simulationKeys</c> has it.</summary>
    public ImmutableArray<byte> PublicKey { get; }

    /// <summary>
    /// The file: what <see cref="Variable"/> names, else <c>culvert/simulation.pem</c> in the user's configuration folder
    /// (<c>$XDG_CONFIG_HOME</c>, else <c>~/.config</c>).
    /// </summary>
    public static string DefaultPath => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named
        ? named
        : Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify), "culvert", "simulation.pem");

    /// <summary>The key of <see cref="DefaultPath"/>.</summary>
    public static Outcome<SimulationIdentity> LoadOrCreate() => LoadOrCreate(DefaultPath, MachineEntropy.Instance);

    /// <summary>
    /// The key of a file, which is made when it is not there. Fails for a file that is no P-256 private key in PEM, that others may
    /// read or write, or that cannot be read or made. Of several that make it at once, all get the key that is in the file then.
    /// </summary>
    public static Outcome<SimulationIdentity> LoadOrCreate(string path, IEntropy entropy)
    {
        try
        {
            if (!File.Exists(path))
            {
                Create(path, entropy);
            }

            return Load(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new Failure(FailureKind.Io, $"cannot read or make the development key {path}: {failure.Message}");
        }
    }

    /// <inheritdoc/>
    public void Dispose() => Key.Dispose();

    private static Outcome<SimulationIdentity> Load(string path)
    {
        using SafeFileHandle file = File.OpenHandle(path);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & OfOthers) != 0)
        {
            return new Failure(FailureKind.Malformed, $"{path}: this development key can be read or written by others than its owner; mend it by: chmod 600");
        }

        byte[] bytes = GC.AllocateUninitializedArray<byte>(FileBytesMax + 1, pinned: true);
        char[] text = [];
        try
        {
            int length = 0;
            while (length < bytes.Length && RandomAccess.Read(file, bytes.AsSpan(length), length) is > 0 and var read)
            {
                length += read;
            }

            if (length > FileBytesMax)
            {
                return new Failure(FailureKind.TooLarge, $"{path}: over {FileBytesMax} bytes, and so no development key");
            }

            text = GC.AllocateUninitializedArray<char>(length, pinned: true);
            return Import(path, text.AsSpan(0, Encoding.Latin1.GetChars(bytes.AsSpan(0, length), text)));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
            Array.Clear(text);
        }
    }

    private static Outcome<SimulationIdentity> Import(string path, ReadOnlySpan<char> text)
    {
        ECDsa key = ECDsa.Create();
        try
        {
            key.ImportFromPem(text);
            if (key.ExportParameters(includePrivateParameters: true) is { Curve.Oid.Value: P256, D: { } scalar })
            {
                CryptographicOperations.ZeroMemory(scalar);
                return new SimulationIdentity(key);
            }
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            // Said below: what is wrong with the bytes helps nobody.
        }

        key.Dispose();
        return new Failure(FailureKind.Malformed, $"{path}: no private key on P-256 in PEM; move the file away, and a new development key is made");
    }

    /// <summary>Whole or not at all: written under another name, and then given its own unless a file has it by now.</summary>
    private static void Create(string path, IEntropy entropy)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OwnersOnly | UnixFileMode.UserExecute);
        }

        Span<byte> name = stackalloc byte[8];
        entropy.Fill(name);
        string temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.{Convert.ToHexStringLower(name)}.partial");
        FileStreamOptions options = new() { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnersOnly;
        }

        try
        {
            using ECDsa key = SigningKeys.Generate(entropy);
            using (FileStream file = new(temporary, options))
            {
                file.Write(Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"));
                file.Flush(flushToDisk: true);
            }

            // File.Move would look first and rename then: of two that make the key at once, both could believe theirs to be it.
            // Where a file system has no links, looking first has to do.
            if (!OperatingSystem.IsLinux() || (LinuxCalls.Link(temporary, path) != 0 && !File.Exists(path)))
            {
                File.Move(temporary, path, overwrite: false);
            }
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was first, and its key is as good.
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
