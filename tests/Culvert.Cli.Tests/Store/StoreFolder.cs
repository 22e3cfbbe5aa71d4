using System.Text;
using System.Text.Json;
using Culvert.Cli.Tests.Running;

namespace Culvert.Cli.Tests.Stores;

/// <summary>A folder with a file of clouds: folders a, b, c and d, and the spare folder e.</summary>
public abstract class StoreFolder : WorkFolder
{
    private protected const string Clouds = """
        clouds:
          - {name: a, folder: cloud-a}
          - {name: b, folder: cloud-b}
          - {name: c, folder: cloud-c}
          - {name: d, folder: cloud-d}
        spares:
          - {name: e, folder: cloud-e}
        """;

    protected StoreFolder() => Write("clouds.yaml", Clouds);

    /// <summary>Runs a command that succeeds, and gives its output.</summary>
    private protected string Done(params string[] arguments) => Ended(0, arguments).Out;

    private protected ProgramResult Ended(int exitCode, params string[] arguments) => Ended(exitCode, null, arguments);

    private protected ProgramResult Ended(int exitCode, Stream? input, params string[] arguments)
    {
        ProgramResult result = CulvertProgram.Run(Folder, input, arguments);
        Assert.True(exitCode == result.ExitCode, $"{string.Join(' ', arguments)}: {result.ExitCode}\n{result.Out}\n{result.Error}");
        return result;
    }

    private protected string Put(string unit, string content, params string[] options)
    {
        using MemoryStream input = new(Encoding.UTF8.GetBytes(content));
        return Ended(0, input, ["store", "put", unit, "-", .. options]).Out;
    }

    private protected JsonElement Status()
    {
        using JsonDocument document = JsonDocument.Parse(Done("store", "status", "--json"));
        return document.RootElement.Clone();
    }

    private protected static JsonElement CloudOf(JsonElement status, string name) =>
        status.GetProperty("clouds").EnumerateArray().Single(cloud => cloud.GetProperty("name").GetString() == name);

    /// <summary>Changes a bit in every block that a folder's cloud holds.</summary>
    private protected void Flip(string cloud)
    {
        string[] blocks = [.. Directory.GetFiles(At(cloud), "*", SearchOption.AllDirectories).Where(path => path.Contains("/b/", StringComparison.Ordinal))];
        Assert.NotEmpty(blocks);
        foreach (string block in blocks)
        {
            byte[] bytes = File.ReadAllBytes(block);
            bytes[^1] ^= 1;
            File.WriteAllBytes(block, bytes);
        }
    }

    /// <summary>A copy of a folder.</summary>
    private protected void Copy(string from, string to)
    {
        foreach (string path in Directory.GetFiles(At(from), "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(At(to), Path.GetRelativePath(At(from), path));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(path, copy);
        }
    }

    /// <summary>Bytes that look like nothing, the same each time.</summary>
    private protected static byte[] Noise(int length)
    {
        byte[] bytes = new byte[length];
        new Random(20).NextBytes(bytes);
        return bytes;
    }
}
