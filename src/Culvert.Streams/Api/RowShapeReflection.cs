using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Culvert.Streams;

/// <summary>Reads a type's members, once per type.</summary>
internal static class RowShapeReflection
{
    private const BindingFlags PublicInstance = BindingFlags.Public | BindingFlags.Instance;

    internal static (ImmutableArray<RowMember> Members, ConstructorInfo? Constructor, bool IsValue) Read(Type type)
    {
        if (ColumnType.KindOf(Nullable.GetUnderlyingType(type) ?? type) is { } kind)
        {
            ColumnType column = new(kind, Nullable.GetUnderlyingType(type) is not null || !type.IsValueType);
            return ([new RowMember { ColumnName = RowShape.ValueColumn, Type = type, ColumnType = column }], null, true);
        }

        if (type.IsAbstract || type.IsInterface || type.IsArray || type.IsPointer || type.IsByRefLike || type == typeof(object)
            || typeof(Delegate).IsAssignableFrom(type) || type.ContainsGenericParameters || type.IsPrimitive)
        {
            throw Refused(type, "it must be a value (number, string, date, enum) or a record, class or struct of such members");
        }

        List<MemberInfo> candidates = Candidates(type);
        ConstructorInfo? constructor = Choose(type, candidates);
        NullabilityInfoContext nullability = new();
        List<RowMember> members = [];
        foreach (MemberInfo member in candidates)
        {
            int parameter = constructor is null ? -1 : System.Array.FindIndex(constructor.GetParameters(), p => Matches(p, member));
            if (parameter >= 0 || CanSet(member))
            {
                members.Add(MakeMember(type, member, constructor, parameter, nullability));
            }
        }

        if (members.Count == 0)
        {
            throw Refused(type, "it has no public member that can be set, by its constructor or otherwise");
        }

        // Parameters first, as they stand in the constructor; OrderBy keeps the rest as declared.
        return ([.. members.OrderBy(m => m.Parameter < 0 ? int.MaxValue : m.Parameter)], constructor, false);
    }

    /// <summary>A type's name as its author wrote it, as far as that can be told.</summary>
    internal static string NameOf(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } bare)
        {
            return NameOf(bare) + "?";
        }

        if (IsAnonymous(type))
        {
            return "an anonymous type";
        }

        if (type.IsArray)
        {
            return NameOf(type.GetElementType()!) + "[]";
        }

        int tick = type.Name.IndexOf('`', StringComparison.Ordinal);
        return tick < 0 ? type.Name : $"{type.Name[..tick]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>";
    }

    internal static bool IsAnonymous(Type type) =>
        type.Name.StartsWith("<>f__AnonymousType", StringComparison.Ordinal) && type.IsDefined(typeof(CompilerGeneratedAttribute), false);

    internal static Type TypeOf(MemberInfo member) =>
        member is PropertyInfo property ? property.PropertyType : ((FieldInfo)member).FieldType;

    internal static bool CanSet(MemberInfo member) =>
        member is PropertyInfo property ? property.SetMethod is { IsPublic: true } : !((FieldInfo)member).IsInitOnly;

    internal static bool Matches(ParameterInfo parameter, MemberInfo member) =>
        string.Equals(parameter.Name, member.Name, StringComparison.OrdinalIgnoreCase) && parameter.ParameterType == TypeOf(member);

    private static List<MemberInfo> Candidates(Type type)
    {
        List<Type> bases = [];
        for (Type? t = type; t is not null && t != typeof(object) && t != typeof(ValueType); t = t.BaseType)
        {
            bases.Insert(0, t);
        }

        List<MemberInfo> found = [];
        foreach (Type declaring in bases)
        {
            IEnumerable<MemberInfo> properties = declaring.GetProperties(PublicInstance | BindingFlags.DeclaredOnly)
                .Where(p => p.GetMethod is { IsPublic: true } && p.GetIndexParameters().Length == 0);
            IEnumerable<MemberInfo> fields = declaring.GetFields(PublicInstance | BindingFlags.DeclaredOnly);
            foreach (MemberInfo member in properties.OrderBy(p => p.MetadataToken).Concat(fields.OrderBy(f => f.MetadataToken)))
            {
                // An override takes the place of what it overrides.
                int overridden = found.FindIndex(m => m.Name == member.Name);
                if (overridden >= 0)
                {
                    found[overridden] = member;
                }
                else
                {
                    found.Add(member);
                }
            }
        }

        return found;
    }

    /// <summary>The public constructor whose parameters all are members, the one with the most; null for a struct without any.</summary>
    private static ConstructorInfo? Choose(Type type, List<MemberInfo> members)
    {
        ConstructorInfo? best = type.GetConstructors()
            .Where(c => c.GetParameters().All(p => members.Any(m => Matches(p, m))))
            .OrderByDescending(c => c.GetParameters().Length)
            .FirstOrDefault();
        return best is null && !type.IsValueType
            ? throw Refused(type, "it needs a public constructor without parameters, or one whose parameters have the names and types of its members")
            : best is not null && best.GetParameters().Length == 0 && type.IsValueType ? null : best;
    }

    private static RowMember MakeMember(
        Type owner, MemberInfo member, ConstructorInfo? constructor, int parameter, NullabilityInfoContext nullability)
    {
        Type type = TypeOf(member);
        Type bare = Nullable.GetUnderlyingType(type) ?? type;
        ValueKind kind = ColumnType.KindOf(bare) ?? throw Refused(
            owner, $"its member '{member.Name}' is a {NameOf(type)}; members are numbers, bool, string, byte[], decimal, enums, DateTime, DateTimeOffset and TimeSpan, or these with '?'");
        ColumnAttribute? renamed = member.GetCustomAttribute<ColumnAttribute>()
            ?? (parameter >= 0 ? constructor!.GetParameters()[parameter].GetCustomAttribute<ColumnAttribute>() : null);
        return new RowMember
        {
            ColumnName = renamed?.Name ?? member.Name,
            Type = type,
            ColumnType = new ColumnType(kind, bare != type || (!type.IsValueType && MayBeNull(member, nullability))),
            Member = member,
            Parameter = parameter,
        };
    }

    /// <summary>Members whose type is a parameter of their owner (of tuples and anonymous types, say) do not tell: they may be.</summary>
    private static bool MayBeNull(MemberInfo member, NullabilityInfoContext context)
    {
        MemberInfo definition = member.DeclaringType is { IsGenericType: true } declaring
            ? declaring.GetGenericTypeDefinition().GetMemberWithSameMetadataDefinitionAs(member)
            : member;
        if (TypeOf(definition).IsGenericParameter)
        {
            return true;
        }

        NullabilityInfo info = member is PropertyInfo property ? context.Create(property) : context.Create((FieldInfo)member);
        return info.ReadState != NullabilityState.NotNull;
    }

    private static JobDefinitionException Refused(Type type, string reason) => new($"{NameOf(type)} cannot be an event: {reason}");
}
