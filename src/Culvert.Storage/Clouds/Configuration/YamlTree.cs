using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Culvert.Storage;

/// <summary>Reads a YAML text to its tree, whatever it is, and collects complaints with their places.</summary>
internal sealed class YamlTree(string file)
{
    // clouds, a cloud, its driver, the driver's keys: 5. Deeper texts would use up the stack of the library's reader.
    private const int DepthMax = 16;

    private readonly List<string> _complaints = [];

    /// <summary>What is wrong so far; null when nothing is.</summary>
    internal Failure? Failure => _complaints.Count == 0 ? null : new Failure(FailureKind.Malformed, string.Join('\n', _complaints));

    /// <summary>Adds a complaint about a place.</summary>
    internal void Complain(Mark place, string message) => _complaints.Add(string.Create(
        CultureInfo.InvariantCulture, $"{file}:{Math.Max(1, place.Line)}:{Math.Max(1, place.Column)}: error: {message}"));

    /// <summary>Adds a complaint about a value.</summary>
    internal void Complain(YamlNode node, string message) => Complain(node.Start, message);

    /// <summary>The root; null with a complaint when the text is no YAML.</summary>
    internal YamlNode? Read(string text)
    {
        try
        {
            if (IsTooDeep(text))
            {
                return null;
            }

            YamlStream stream = new();
            stream.Load(new StringReader(text));
            if (stream.Documents.Count == 1)
            {
                return stream.Documents[0].RootNode;
            }

            Complain(new Mark(0, 1, 1), stream.Documents.Count == 0 ? "the file is empty" : "the file holds more than one document");
        }
        catch (YamlException e)
        {
            Complain(e.Start, "this is not YAML: " + e.Message.ReplaceLineEndings(" "));
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or FormatException or OverflowException or KeyNotFoundException or NullReferenceException)
        {
            // The library's scanner meets some malformed text unprepared.
            Complain(new Mark(0, 1, 1), "this is not YAML: its structure cannot be made out");
        }

        return null;
    }

    private bool IsTooDeep(string text)
    {
        Parser parser = new(new StringReader(text));
        int depth = 0;
        while (parser.MoveNext())
        {
            depth += parser.Current!.NestingIncrease;
            if (depth > DepthMax)
            {
                Complain(parser.Current.Start, $"nested too deeply: at most {DepthMax} levels are allowed");
                return true;
            }

            if (parser.Current is AnchorAlias alias)
            {
                Complain(alias.Start, "aliases have no meaning here: write values out");
                return true;
            }
        }

        return false;
    }
}
