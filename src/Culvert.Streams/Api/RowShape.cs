using System.Collections.Immutable;
using System.Reflection;

namespace Culvert.Streams;

/// <summary>
/// How an event's type maps to columns: one per member that can be set again from a column (by the constructor, or by a
/// setter), in the order of the constructor's parameters and then of declaration; a type that is itself a column's value
/// (int, string…) is the one column <see cref="ValueColumn"/>. Members that can only be read are computed from the
/// others and are no columns. Immutable and thread safe.
/// </summary>
public abstract class RowShape
{
    /// <summary>The column of an event that is a single value.</summary>
    public const string ValueColumn = "value";

    private protected RowShape(Type type, ImmutableArray<RowMember> members, ConstructorInfo? constructor, bool isValue)
    {
        (Type, Members, Constructor, IsValue) = (type, members, constructor, isValue);
        Schema = new Schema(members.Select(m => m.Field));
    }

    /// <summary>The event's type.</summary>
    public Type Type { get; }

    /// <summary>A column per member.</summary>
    public Schema Schema { get; }

    /// <summary>True when the event is one value and not a row of them.</summary>
    public bool IsValue { get; }

    internal ImmutableArray<RowMember> Members { get; }

    /// <summary>The constructor that takes the members with a parameter; null for a value, and for a struct that is only set.</summary>
    internal ConstructorInfo? Constructor { get; }

    /// <summary>The member that a property or field is, or null.</summary>
    internal RowMember? Find(MemberInfo member)
    {
        foreach (RowMember candidate in Members)
        {
            if (candidate.Member is { } own && own.Name == member.Name && own.MemberType == member.MemberType)
            {
                return candidate;
            }
        }

        return null;
    }

    /// <summary>The shape of a type that is only known at run time; errors as <see cref="RowShape{T}.Instance"/>.</summary>
    public static RowShape Of(Type type)
    {
        PropertyInfo instance = typeof(RowShape<>).MakeGenericType(type).GetProperty(nameof(RowShape<int>.Instance))!;
        try
        {
            return (RowShape)instance.GetValue(null)!;
        }
        catch (TargetInvocationException e) when (e.InnerException is JobDefinitionException reason)
        {
            throw new JobDefinitionException(reason.Message, reason);
        }
    }
}
