using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Culvert.JobFiles.Yaml;

/// <summary>Reads a YAML document into nodes with places. Whatever the text is, this ends, and tells what is wrong with it.</summary>
internal sealed class YamlFile
{
    private readonly DiagnosticList _diagnostics;
    private readonly Parser _parser;
    private readonly Dictionary<string, YamlNode> _anchors = new(StringComparer.Ordinal);
    private int _nodes;
    private int _aliases;

    private YamlFile(DiagnosticList diagnostics)
    {
        _diagnostics = diagnostics;
        _parser = new Parser(new StringReader(diagnostics.Text.Text));
    }

    /// <summary>The root of the document, or null when there is none; why is then among the diagnostics.</summary>
    internal static YamlNode? Read(DiagnosticList diagnostics)
    {
        if (diagnostics.Text.Text.Length > YamlLimits.TextLengthMax)
        {
            diagnostics.Error(Place.Start, $"the file is too large: {diagnostics.Text.Text.Length} characters, and at most {YamlLimits.TextLengthMax} are allowed");
            return null;
        }

        try
        {
            return new YamlFile(diagnostics).ReadDocument();
        }
        catch (RefusedException e)
        {
            diagnostics.Error(e.Place, e.Message);
        }
        catch (YamlException e)
        {
            // The scanner points at where the map begins that a tab stands in, and not at the tab.
            if (diagnostics.Text.FirstIndentingTab() is { } tab)
            {
                diagnostics.Error(tab, "this is not YAML: a tab cannot indent, use spaces");
            }
            else
            {
                diagnostics.Error(PlaceOf(e.Start), "this is not YAML: " + Wording(e));
            }
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or FormatException or OverflowException or KeyNotFoundException or NullReferenceException)
        {
            // The scanner meets some malformed text unprepared; to whoever wrote the file that is a syntax error too.
            diagnostics.Error(Place.Start, "this is not YAML: its structure cannot be made out");
        }

        return null;
    }

    private YamlNode? ReadDocument()
    {
        Next<StreamStart>();
        if (_parser.Current is StreamEnd)
        {
            throw new RefusedException(Place.Start, "the file is empty");
        }

        Next<DocumentStart>();
        YamlNode root = ReadNode(depth: 1);
        Next<DocumentEnd>();
        return _parser.Current is DocumentStart next
            ? throw new RefusedException(PlaceOf(next.Start), "a second document begins here: a job file holds one job")
            : root;
    }

    private YamlNode ReadNode(int depth)
    {
        if (_parser.Current is AnchorAlias alias)
        {
            return Follow(alias, PlaceOf(alias.Start), depth);
        }

        if (_parser.Current is not NodeEvent current)
        {
            throw new RefusedException(PlaceOf(_parser.Current?.Start ?? Mark.Empty), "this is not YAML: a value is missing here");
        }

        Place place = PlaceOf(current.Start);
        if (depth > YamlLimits.DepthMax)
        {
            throw new RefusedException(place, $"nested too deeply: at most {YamlLimits.DepthMax} levels are allowed");
        }

        Count(1, place);
        if (!current.Tag.IsEmpty && current.Tag.Value is not ("!" or "?"))
        {
            _diagnostics.Error(place, $"the tag '{current.Tag.Value}' has no meaning here: write plain values");
        }

        AnchorName anchor = current.Anchor;
        YamlNode node = current switch
        {
            Scalar scalar => ReadScalar(scalar),
            SequenceStart => ReadList(place, depth),
            _ => ReadMap(place, depth),
        };
        if (!anchor.IsEmpty)
        {
            _anchors[anchor.Value] = node;
        }

        return node;
    }

    private YamlNode Follow(AnchorAlias alias, Place place, int depth)
    {
        if (++_aliases > YamlLimits.AliasesMax)
        {
            throw new RefusedException(place, $"too many aliases: at most {YamlLimits.AliasesMax} are allowed");
        }

        // An anchor is known once its node ends: nothing contains itself.
        if (!_anchors.TryGetValue(alias.Value.Value, out YamlNode? node))
        {
            throw new RefusedException(place, $"no value before this is called '&{alias.Value.Value}'");
        }

        Count(node.NodeCount, place);
        if (depth + node.Depth - 1 > YamlLimits.DepthMax)
        {
            throw new RefusedException(place, $"nested too deeply: at most {YamlLimits.DepthMax} levels are allowed");
        }

        _parser.MoveNext();
        return node;
    }

    private YamlScalar ReadScalar(Scalar scalar)
    {
        ScalarForm form = scalar.Style switch
        {
            ScalarStyle.SingleQuoted => ScalarForm.SingleQuoted,
            ScalarStyle.DoubleQuoted => ScalarForm.DoubleQuoted,
            ScalarStyle.Literal or ScalarStyle.Folded => ScalarForm.Block,
            _ => ScalarForm.Plain,
        };
        _parser.MoveNext();
        return new YamlScalar(_diagnostics.Text, PlaceOf(scalar.Start), PlaceOf(scalar.End), scalar.Value, form);
    }

    private YamlList ReadList(Place place, int depth)
    {
        List<YamlNode> items = [];
        _parser.MoveNext();
        while (_parser.Current is not SequenceEnd)
        {
            items.Add(ReadNode(depth + 1));
        }

        _parser.MoveNext();
        return new YamlList(place, items);
    }

    private YamlMap ReadMap(Place place, int depth)
    {
        List<KeyValuePair<YamlScalar, YamlNode>> entries = [];
        Dictionary<string, Place> seen = new(StringComparer.Ordinal);
        _parser.MoveNext();
        while (_parser.Current is not MappingEnd)
        {
            YamlNode key = ReadNode(depth + 1);
            YamlNode value = ReadNode(depth + 1);
            if (key is not YamlScalar name)
            {
                _diagnostics.Error(key.Place, $"a key must be a name, and this is {key.Describe()}");
            }
            else if (!seen.TryAdd(name.Value, name.Place))
            {
                _diagnostics.Error(name.Place, $"the key '{name.Value}' occurs twice: it stands in line {seen[name.Value].Line} already");
            }
            else
            {
                entries.Add(new(name, value));
            }
        }

        _parser.MoveNext();
        return new YamlMap(place, entries);
    }

    private void Count(int nodes, Place place)
    {
        _nodes += nodes;
        if (_nodes > YamlLimits.NodesMax)
        {
            throw new RefusedException(place, $"the file has too many parts: at most {YamlLimits.NodesMax} are allowed, and what an alias stands for counts each time");
        }
    }

    private void Next<T>()
        where T : ParsingEvent
    {
        if (_parser.Current is null)
        {
            _parser.MoveNext();
        }

        if (_parser.Current is not T)
        {
            throw new RefusedException(PlaceOf(_parser.Current?.Start ?? Mark.Empty), "this is not YAML: its structure cannot be made out");
        }

        _parser.MoveNext();
    }

    private static Place PlaceOf(Mark mark) => new((int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column));

    private static string Wording(YamlException e)
    {
        string message = e.Message.ReplaceLineEndings(" ").TrimEnd('.');
        return message.Length == 0 ? "its structure cannot be made out" : char.ToLowerInvariant(message[0]) + message[1..];
    }

    private sealed class RefusedException(Place place, string message) : Exception(message)
    {
        internal Place Place { get; } = place;
    }
}
