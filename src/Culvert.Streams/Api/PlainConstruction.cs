using System.Linq.Expressions;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace Culvert.Streams;

/// <summary>
/// Tells whether making an object only stores what it is given: then `new Flight(a, b)` is a projection onto columns and
/// no object need be made. A constructor that does more (checks, computes) is user code, and runs.
/// </summary>
internal static class PlainConstruction
{
    /// <summary>
    /// The expression of each member of <paramref name="shape"/> that the body gives a value, in the shape's order; null where
    /// the member keeps its default, and null as a whole when the body does anything else.
    /// </summary>
    internal static Expression?[]? MembersOf(Expression body, RowShape shape)
    {
        (NewExpression? made, IReadOnlyList<MemberBinding> bindings) = body switch
        {
            NewExpression n => (n, []),
            MemberInitExpression init => (init.NewExpression, init.Bindings),
            _ => ((NewExpression?)null, (IReadOnlyList<MemberBinding>)[]),
        };
        if (made is null || made.Type != shape.Type)
        {
            return null;
        }

        Expression?[] values = new Expression?[shape.Members.Length];
        // What a constructor without parameters sets does not matter where every member is set behind it.
        bool isOverwritten = made.Arguments.Count == 0 && bindings.Count == shape.Members.Length;
        if (!isOverwritten && made.Constructor is { } constructor && !TryConstructor(made, constructor, shape, values))
        {
            return null;
        }

        foreach (MemberBinding binding in bindings)
        {
            int m = shape.Find(binding.Member) is { } member ? shape.Members.IndexOf(member) : -1;
            if (m < 0 || binding is not MemberAssignment assignment || !IsPlainSetter(binding.Member))
            {
                return null;
            }

            values[m] = assignment.Expression;
        }

        return values;
    }

    private static bool TryConstructor(NewExpression made, ConstructorInfo constructor, RowShape shape, Expression?[] values)
    {
        ParameterInfo[] parameters = constructor.GetParameters();
        string?[]? stored = RowShapeReflection.IsAnonymous(shape.Type)
            ? [.. made.Members!.Select(m => m.Name)]
            : StoredBy(constructor);
        if (stored is null)
        {
            return false;
        }

        for (int p = 0; p < parameters.Length; p++)
        {
            int m = -1;
            for (int i = 0; i < shape.Members.Length; i++)
            {
                if (shape.Members[i].Member!.Name == stored[p])
                {
                    m = i;
                }
            }

            if (m < 0)
            {
                return false;
            }

            values[m] = made.Arguments[p];
        }

        return true;
    }

    private static bool IsPlainSetter(MemberInfo member) =>
        member is FieldInfo || member is PropertyInfo { SetMethod: { } setter } && setter.IsDefined(typeof(CompilerGeneratedAttribute));

    /// <summary>The member that each parameter is stored into, or null when the constructor's code does anything but store and call object's.</summary>
    private static string?[]? StoredBy(ConstructorInfo constructor)
    {
        byte[]? code = constructor.GetMethodBody()?.GetILAsByteArray();
        if (code is null)
        {
            return null;
        }

        string?[] stored = new string?[constructor.GetParameters().Length];
        int at = 0;
        while (at < code.Length)
        {
            byte op = code[at];
            if (op == OpCodes.Nop.Value)
            {
                at++;
            }
            else if (op == OpCodes.Ret.Value)
            {
                return at == code.Length - 1 && stored.All(s => s is not null) ? stored : null;
            }
            else if (!TryStatement(constructor, code, ref at, stored))
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>`ldarg.0, call object::.ctor` or `ldarg.0, ldarg n, stfld`.</summary>
    private static bool TryStatement(ConstructorInfo constructor, byte[] code, ref int at, string?[] stored)
    {
        if (code[at++] != OpCodes.Ldarg_0.Value || at >= code.Length)
        {
            return false;
        }

        if (code[at] == OpCodes.Call.Value && at + 5 <= code.Length)
        {
            MethodBase? called = constructor.Module.ResolveMethod(BitConverter.ToInt32(code, at + 1), TypeArguments(constructor), null);
            at += 5;
            return called?.DeclaringType == typeof(object);
        }

        int argument;
        if (code[at] >= OpCodes.Ldarg_1.Value && code[at] <= OpCodes.Ldarg_3.Value)
        {
            argument = code[at] - OpCodes.Ldarg_0.Value;
            at++;
        }
        else if (code[at] == OpCodes.Ldarg_S.Value && at + 1 < code.Length)
        {
            argument = code[at + 1];
            at += 2;
        }
        else
        {
            return false;
        }

        if (at + 5 > code.Length || code[at] != OpCodes.Stfld.Value || argument < 1 || argument > stored.Length)
        {
            return false;
        }

        FieldInfo? field = constructor.Module.ResolveField(BitConverter.ToInt32(code, at + 1), TypeArguments(constructor), null);
        at += 5;
        stored[argument - 1] = MemberOf(field);
        return stored[argument - 1] is not null;
    }

    private static Type[]? TypeArguments(ConstructorInfo constructor) =>
        constructor.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;

    /// <summary>The name of a public field, or of the automatic property that a backing field is for.</summary>
    private static string? MemberOf(FieldInfo? field) =>
        field is null ? null
        : field.IsPublic ? field.Name
        : field.Name.StartsWith('<') && field.Name.EndsWith(">k__BackingField", StringComparison.Ordinal)
            ? field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)]
            : null;
}
