using Culvert.JobFiles.Yaml;
using Culvert.Streams;

namespace Culvert.JobFiles.Reading;

/// <summary>What the readers of a file's parts share.</summary>
internal sealed class ReadingState(JobFileContext context, DiagnosticList diagnostics)
{
    private readonly Dictionary<string, NamedStream> _streams = new(StringComparer.Ordinal);

    internal JobFileContext Context { get; } = context;

    internal DiagnosticList Diagnostics { get; } = diagnostics;

    /// <summary>Names that stand further down than the part that is being read, to tell a wrong order from a misspelling.</summary>
    internal HashSet<string> NamesBelow { get; } = new(StringComparer.Ordinal);

    /// <summary>By source, the columns whose types nobody declared.</summary>
    internal Dictionary<Node, HashSet<string>> Undeclared { get; } = new(ReferenceEqualityComparer.Instance);

    internal IReadOnlyCollection<NamedStream> Streams => _streams.Values;

    /// <summary>Adds a stream; its node is null when it could not be made, so that what reads it is not complained about too.</summary>
    internal void Define(string name, Place place, Node? node, bool isSource = false)
    {
        if (_streams.TryGetValue(name, out NamedStream? other))
        {
            Diagnostics.Error(place, $"the name '{name}' is taken: it stands in line {other.Place.Line} already");
        }
        else
        {
            _streams.Add(name, new NamedStream(name, place, node, isSource));
        }
    }

    /// <summary>The stream that a scalar names; null, with a complaint, when there is none.</summary>
    internal NamedStream? Find(YamlScalar name)
    {
        if (_streams.TryGetValue(name.Value, out NamedStream? found))
        {
            found.IsUsed = true;
            return found;
        }

        Diagnostics.Error(name.Place, NamesBelow.Contains(name.Value)
            ? $"'{name.Value}' stands further down: a stage reads from what is above it"
            : $"there is no stage or source '{name.Value}'{NearestName.Hint(name.Value, _streams.Keys)}");
        return null;
    }

    /// <summary>Makes a part of the graph; what its types refuse is complained about at <paramref name="place"/>.</summary>
    internal T? Make<T>(Place place, Func<T> make)
        where T : class
    {
        try
        {
            return make();
        }
        catch (ArgumentException e)
        {
            Diagnostics.Error(place, WithoutParameter(e));
            return null;
        }
    }

    /// <summary>The value of an outcome; null, with a complaint, when there is none.</summary>
    internal T? Take<T>(Place place, Outcome<T> outcome)
        where T : class
    {
        if (outcome.Succeeded)
        {
            return outcome.Value;
        }

        Diagnostics.Error(place, outcome.Failure.Message);
        return null;
    }

    private static string WithoutParameter(ArgumentException e)
    {
        string suffix = $" (Parameter '{e.ParamName}')";
        return e.ParamName is not null && e.Message.EndsWith(suffix, StringComparison.Ordinal) ? e.Message[..^suffix.Length] : e.Message;
    }
}

/// <summary>A stream that has a name.</summary>
internal sealed class NamedStream(string name, Place place, Node? node, bool isSource)
{
    internal string Name { get; } = name;

    internal Place Place { get; } = place;

    internal Node? Node { get; } = node;

    internal bool IsSource { get; } = isSource;

    internal bool IsUsed { get; set; }
}
