namespace Culvert.Storage;

/// <summary>
/// What <c>clouds.yaml</c> says: n = 3f+1 clouds, of which f may do anything. Paths are taken from the file's folder on.
/// </summary>
/// <param name="Clouds">In the order of the file; from 4.</param>
/// <param name="Faults">f, from 1.</param>
/// <param name="Keys">Files of keys by use (<see cref="KeyUses"/>), absolute; those that the file names.</param>
public sealed record CloudConfiguration(IReadOnlyList<CloudSettings> Clouds, int Faults, IReadOnlyDictionary<string, string> Keys)
{
    /// <summary>Clouds that are not in use: what the store moves onto, or has moved off.</summary>
    public IReadOnlyList<CloudSettings> Spares { get; init; } = [];

    /// <summary>The folder that keeps a client from going back, absolute; null when the file does not say.</summary>
    public string? State { get; init; }

    /// <summary>A folder elsewhere where the newest metadata is kept too, for clients that come without a state; null for none.</summary>
    public string? Anchor { get; init; }

    /// <summary>Clouds at most: more cost more than they protect, and sharing of secrets numbers them by a byte.</summary>
    public const int CloudsMax = 31;

    /// <summary>Characters of the file: it is written by hand.</summary>
    public const int TextLengthMax = 256 << 10;

    /// <summary>What <c>keys:</c> may name: the owner's key; or for a client that is not the owner's, the owner's card and the client's own key.</summary>
    public static IReadOnlyList<string> KeyUses { get; } = ["owner", "member"];

    /// <summary>
    /// Reads a file. All that is wrong with it is in the failure's message, a line each: <c>clouds.yaml:3:5: error: …</c>.
    /// </summary>
    public static Outcome<CloudConfiguration> Read(string path)
    {
        string text;
        try
        {
            using StreamReader reader = new(path);
            char[] buffer = new char[TextLengthMax + 1];
            text = new string(buffer, 0, reader.ReadBlock(buffer));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            FailureKind kind = e is FileNotFoundException or DirectoryNotFoundException ? FailureKind.Missing : FailureKind.Io;
            return new Failure(kind, $"cannot read {path}: {e.Message}");
        }

        return text.Length > TextLengthMax
            ? new Failure(FailureKind.TooLarge, $"{path} is too large: at most {TextLengthMax} characters are allowed")
            : Parse(path, text);
    }

    /// <summary>Reads a text; <paramref name="path"/> is for messages, and its folder is where relative paths start.</summary>
    public static Outcome<CloudConfiguration> Parse(string path, string text) => new CloudConfigurationReader(path).Read(text);
}
