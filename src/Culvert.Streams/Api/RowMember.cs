using System.Linq.Expressions;
using System.Reflection;

namespace Culvert.Streams;

/// <summary>A member of an event's type, and the column that it stands for.</summary>
internal sealed class RowMember
{
    internal required string ColumnName { get; init; }

    internal required Type Type { get; init; }

    internal required ColumnType ColumnType { get; init; }

    /// <summary>The property or field; null where the whole event is one value.</summary>
    internal MemberInfo? Member { get; init; }

    /// <summary>The constructor's parameter that sets it, or -1 where the member itself is set.</summary>
    internal int Parameter { get; init; } = -1;

    internal Field Field => new(ColumnName, ColumnType);

    /// <summary>The type without <see cref="Nullable{T}"/>.</summary>
    internal Type BareType => Nullable.GetUnderlyingType(Type) ?? Type;

    internal bool IsNullableValue => Nullable.GetUnderlyingType(Type) is not null;

    /// <summary>The member of an event.</summary>
    internal Expression Of(Expression row) => Member is null ? row : Expression.MakeMemberAccess(row, Member);
}
