using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Culvert.Storage;

/// <summary>A map of a YAML text, of which some keys are known: what is missing, unknown or of another kind is complained about.</summary>
internal sealed class YamlSection
{
    private readonly YamlTree _tree;
    private readonly Dictionary<string, YamlNode> _values = new(StringComparer.Ordinal);

    private YamlSection(YamlTree tree, YamlNode place) => (_tree, Place) = (tree, place);

    /// <summary>Where it stands.</summary>
    internal YamlNode Place { get; }

    /// <summary>The keys it has, of those that are known.</summary>
    internal IReadOnlyCollection<string> Keys => _values.Keys;

    /// <summary>Reads a map; null with a complaint when the value is none.</summary>
    internal static YamlSection? Read(YamlTree tree, YamlNode node, string what, IReadOnlyList<string> known)
    {
        if (node is not YamlMappingNode map)
        {
            tree.Complain(node, $"{what} is a map, of {string.Join(", ", known)}");
            return null;
        }

        YamlSection section = new(tree, node);
        foreach ((YamlNode key, YamlNode value) in map.Children)
        {
            if (key is YamlScalarNode { Value: { } name } && known.Contains(name))
            {
                section._values[name] = value;
            }
            else
            {
                tree.Complain(key, $"{what} has no key {Describe(key)}; it has {string.Join(", ", known)}");
            }
        }

        return section;
    }

    /// <summary>A value; null when the key is not there.</summary>
    internal YamlNode? Find(string key) => _values.GetValueOrDefault(key);

    /// <summary>A text that has to be there; empty with a complaint when it is not.</summary>
    internal string Text(string key)
    {
        if (Find(key) is null)
        {
            _tree.Complain(Place, $"'{key}' is missing");
            return "";
        }

        return OptionalText(key) ?? "";
    }

    /// <summary>A text; null when it is not there, and with a complaint when it is none.</summary>
    internal string? OptionalText(string key)
    {
        switch (Find(key))
        {
            case null:
                return null;
            case YamlScalarNode { Value: { Length: > 0 } text }:
                return text;
            case { } other:
                _tree.Complain(other, $"'{key}' is a text, and this is {Describe(other)}");
                return null;
        }
    }

    /// <summary>true or false; false when it is not there.</summary>
    internal bool Flag(string key)
    {
        switch (Find(key))
        {
            case null or YamlScalarNode { Style: ScalarStyle.Plain, Value: "false" }:
                return false;
            case YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" }:
                return true;
            case { } other:
                _tree.Complain(other, $"'{key}' is true or false, and this is {Describe(other)}");
                return false;
        }
    }

    /// <summary>A number from 0; 0 when it is not there.</summary>
    internal decimal Amount(string key)
    {
        if (Find(key) is not { } node)
        {
            return 0;
        }

        if (node is YamlScalarNode { Value: { } text }
            && decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal amount))
        {
            return amount;
        }

        _tree.Complain(node, $"'{key}' is an amount from 0, and this is {Describe(node)}");
        return 0;
    }

    /// <summary>An absolute URL of HTTP; null when it is not there, and with a complaint when it is none.</summary>
    internal Uri? Url(string key)
    {
        if (OptionalText(key) is not { } text)
        {
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https"
            && uri is { Query: "", Fragment: "", UserInfo: "" })
        {
            return uri;
        }

        // What stands there may hold a secret by mistake: it is not repeated.
        _tree.Complain(Find(key)!, $"'{key}' is a URL that begins with http:// or https://, without a query or a user");
        return null;
    }

    /// <summary>A secret's place by the keys <c>NAME-file</c> and <c>NAME-env</c>; null when there is neither, or with a complaint both.</summary>
    internal SecretPlace? Secret(string name, Func<string, string> pathOf)
    {
        string? file = OptionalText(name + "-file");
        string? variable = OptionalText(name + "-env");
        if (file is not null && variable is not null)
        {
            _tree.Complain(Find(name + "-env")!, $"'{name}-file' and '{name}-env' cannot both be there");
        }

        return file is null && variable is null ? null : new SecretPlace(file is null ? null : pathOf(file), file is null ? variable : null);
    }

    /// <summary>What a value is, for messages.</summary>
    internal static string Describe(YamlNode node) => node switch
    {
        YamlScalarNode { Value: null or "" } => "nothing",
        YamlScalarNode scalar => $"'{(scalar.Value!.Length > 60 ? scalar.Value[..60] + "…" : scalar.Value).ReplaceLineEndings(" ")}'",
        YamlSequenceNode => "a list",
        _ => "a map",
    };
}
