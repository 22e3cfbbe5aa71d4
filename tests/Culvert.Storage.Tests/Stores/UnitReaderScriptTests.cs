using System.Diagnostics;
using Culvert.Sealing.Tests;

namespace Culvert.Storage.Tests;

/// <summary>docs/unit_reader.py shares nothing with Culvert but the specification.</summary>
public sealed class UnitReaderScriptTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("unit-reader-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(UnitProtocol.Sealed, UnitKeyMode.Shared)]
    [InlineData(UnitProtocol.Sealed, UnitKeyMode.Sealed)]
    [InlineData(UnitProtocol.Replicated, UnitKeyMode.None)]
    public async Task Somebody_without_Culvert_gets_the_data_back_although_a_cloud_lies(UnitProtocol protocol, UnitKeyMode mode)
    {
        await RequirePythonAsync();
        using TestStore test = new() { Options = new StoreOptions { ChunkBytes = 64, Protocol = protocol, KeyMode = mode } };
        await using Store store = await test.CreateAsync();
        byte[] first = TestStore.Bytes(5000, 1); // its index is an object of its own
        byte[] second = TestStore.Bytes(150, 2);
        await TestStore.PutAsync(store, "reports/2026", first);
        await TestStore.PutAsync(store, "reports/2026", second);
        await store.FlushAsync();
        for (int liar = 0; liar < 4; liar++)
        {
            Write(test, liar);
            Assert.Equal(second, await ReadAsync(test, "reports/2026"));
            Assert.Equal(first, await ReadAsync(test, "reports/2026", "--version", "1"));
        }
    }

    private void Write(TestStore test, int liar)
    {
        Directory.Delete(_folder, recursive: true);
        for (int slot = 0; slot < 4; slot++)
        {
            Directory.CreateDirectory(Path.Combine(_folder, $"{slot}"));
            foreach ((string name, byte[] bytes) in test.Clouds[slot].Objects)
            {
                string path = Path.Combine(_folder, $"{slot}", name);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllBytes(path, slot == liar ? [.. bytes.Select((b, i) => i == bytes.Length / 2 ? (byte)(b ^ 16) : b)] : bytes);
            }
        }
    }

    private async Task<byte[]> ReadAsync(TestStore test, string unit, params string[] options)
    {
        string secret = Convert.ToHexStringLower([.. Enumerable.Range(1, 32).Select(i => (byte)i)]);
        (int code, byte[] output, string error) = await RunAsync(
            [Script(), "--owner", test.Keys.Owner.ToString(), "--secret", secret, .. options, unit, .. Enumerable.Range(0, 4).Select(slot => Path.Combine(_folder, $"{slot}"))]);
        Assert.True(code == 0, error);
        return output;
    }

    private static string Script() => Path.GetFullPath(Path.Combine(Vectors.Folder("unit"), "..", "..", "..", "docs", "unit_reader.py"));

    private static async Task RequirePythonAsync()
    {
        try
        {
            (int code, _, string error) = await RunAsync(["-c", "import cryptography"]);
            Assert.SkipWhen(code != 0, $"python3 has no package cryptography (Debian: python3-cryptography): {error}");
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            Assert.Skip($"there is no python3: {missing.Message}");
        }
    }

    private static async Task<(int Code, byte[] Output, string Error)> RunAsync(IEnumerable<string> arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo("python3", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using MemoryStream output = new();
        Task copied = process.StandardOutput.BaseStream.CopyToAsync(output, TestContext.Current.CancellationToken);
        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await copied;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output.ToArray(), error);
    }
}
