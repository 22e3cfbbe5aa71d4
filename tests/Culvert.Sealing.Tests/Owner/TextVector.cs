using System.Text;

namespace Culvert.Sealing.Tests;

/// <summary>
/// A vector of texts: lines of <c>name: value</c>, then each text behind a line of three hyphens. In texts <c>\r</c> stands
/// for a carriage return, which would not outlive a checkout.
/// </summary>
internal sealed class TextVector
{
    private readonly ILookup<string, string> _values;

    public TextVector(string format, string name)
    {
        string[] parts = File.ReadAllText(Path.Combine(Vectors.Folder(format), name + ".txt"), Encoding.Latin1).Split("---\n");
        _values = Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(parts[0])).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] != '#')
            .Select(line => line.Split(": ", 2))
            .ToLookup(line => line[0], line => line[1]);
        Texts = [.. parts.Skip(1).Select(text => Encoding.Latin1.GetBytes(text.Replace("\\r", "\r", StringComparison.Ordinal)))];
    }

    public IReadOnlyList<byte[]> Texts { get; }

    public string? this[string name] => _values[name].SingleOrDefault();

    /// <summary>Checks a failure against <c>expect: kind words</c>.</summary>
    public void AssertExpected(Failure? failure)
    {
        string[] expected = this["expect"]!.Split(' ', 2);
        Assert.Equal(expected[0], failure?.Kind.ToString());
        Assert.Contains(expected[1], failure?.Message, StringComparison.Ordinal);
    }
}
