using System.Globalization;
using System.Text;

namespace Culvert.Attestation.Tests.Collection;

/// <summary>
/// A machine's special files, as kernels document them: a folder made under configfs-tsm fills itself; a write to inblob counts
/// the generation up; outblob is made of what was written last. Gramine's quote is made of what was written last.
/// </summary>
internal sealed class FakeMachine : IHostFiles, IHostTools
{
    private readonly Dictionary<string, byte[]> _files = [];
    private readonly HashSet<string> _folders = [];
    private readonly Dictionary<string, int> _generations = [];

    internal string Provider { get; set; } = "tdx_guest";

    /// <summary>Makes a report of report data.</summary>
    internal Func<byte[], byte[]> Hardware { get; set; } = data => data;

    internal byte[]? Certificates { get; set; }

    /// <summary>How many more writes somebody else gets in between.</summary>
    internal int Disturbances { get; set; }

    internal List<string> Removed { get; } = [];

    internal List<string> Runs { get; } = [];

    internal Dictionary<string, byte[]> ToolOutputs { get; } = [];

    internal void Add(string path, string content) => _files[path] = Encoding.ASCII.GetBytes(content);

    internal void AddFolder(string path) => _folders.Add(path);

    public bool HasFolder(string path) => _folders.Contains(path);

    public bool HasFile(string path) => _files.ContainsKey(path) || (path.EndsWith("/auxblob", StringComparison.Ordinal) && Certificates is not null);

    public Outcome<bool> MakeFolder(string path)
    {
        if (!_folders.Add(path))
        {
            return new Failure(FailureKind.Io, "File exists");
        }

        _generations[path] = 0;
        return true;
    }

    public Outcome<bool> RemoveFolder(string path)
    {
        Removed.Add(path);
        return _folders.Remove(path);
    }

    public Outcome<byte[]> Read(string path, int bytesMax)
    {
        string folder = path[..path.LastIndexOf('/')];
        byte[]? content = path[(folder.Length + 1)..] switch
        {
            "generation" => Encoding.ASCII.GetBytes($"{_generations[folder].ToString(CultureInfo.InvariantCulture)}\n"),
            "provider" => Encoding.ASCII.GetBytes($"{Provider}\n"),
            "outblob" => Report(folder),
            "auxblob" => Certificates,
            "quote" => Hardware(_files[$"{folder}/user_report_data"]),
            _ => _files.GetValueOrDefault(path),
        };
        return content is null ? new Failure(FailureKind.Io, $"{path}: No such file or directory")
            : content.Length <= bytesMax ? content
            : new Failure(FailureKind.TooLarge, path);
    }

    public Outcome<bool> Write(string path, ReadOnlySpan<byte> content)
    {
        string folder = path[..path.LastIndexOf('/')];
        if (_generations.TryGetValue(folder, out int generation))
        {
            _generations[folder] = generation + 1;
        }

        _files[path] = content.ToArray();
        return true;
    }

    public bool Has(string program) => ToolOutputs.Count > 0;

    public Outcome<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> Run(string program, IReadOnlyList<string> arguments, IReadOnlyList<string> outputs)
    {
        Runs.Add($"{program} {string.Join(' ', arguments)}");
        return outputs.ToDictionary(name => name, name => (ReadOnlyMemory<byte>)ToolOutputs[name]);
    }

    private byte[] Report(string folder)
    {
        if (Disturbances > 0)
        {
            Disturbances--;
            Write($"{folder}/inblob", new byte[64]);
        }

        return Hardware(_files[$"{folder}/inblob"]);
    }
}
