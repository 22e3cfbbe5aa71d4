using System.Collections.Immutable;
using System.Reflection;

namespace Culvert.Streams;

/// <summary>The shape of <typeparamref name="T"/>; see <see cref="RowShape"/>.</summary>
public sealed class RowShape<T> : RowShape
{
    // Not a static initialiser that throws: its error would reach the user inside a TypeInitializationException.
    private static readonly (RowShape<T>? Shape, string? Refusal) Made = Make();

    private RowShape(ImmutableArray<RowMember> members, ConstructorInfo? constructor, bool isValue)
        : base(typeof(T), members, constructor, isValue)
    {
    }

    /// <summary>The one shape. Throws <see cref="JobDefinitionException"/> for a type that has none, and names the member.</summary>
    public static RowShape<T> Instance => Made.Shape ?? throw new JobDefinitionException(Made.Refusal!);

    private static (RowShape<T>? Shape, string? Refusal) Make()
    {
        try
        {
            (ImmutableArray<RowMember> members, ConstructorInfo? constructor, bool isValue) = RowShapeReflection.Read(typeof(T));
            return (new RowShape<T>(members, constructor, isValue), null);
        }
        catch (JobDefinitionException e)
        {
            return (null, e.Message);
        }
        catch (ArgumentException e)
        {
            return (null, $"{RowShapeReflection.NameOf(typeof(T))} cannot be an event: {e.Message}");
        }
    }
}
