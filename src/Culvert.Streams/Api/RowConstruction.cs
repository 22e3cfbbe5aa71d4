using System.Linq.Expressions;

namespace Culvert.Streams;

/// <summary>The expression that makes an event of its members' values.</summary>
internal static class RowConstruction
{
    internal static Expression Make(RowShape shape, Expression[] values)
    {
        if (shape.IsValue)
        {
            return values[0];
        }

        Expression[] arguments = new Expression[shape.Constructor?.GetParameters().Length ?? 0];
        List<MemberBinding> bindings = [];
        for (int m = 0; m < values.Length; m++)
        {
            RowMember member = shape.Members[m];
            if (member.Parameter >= 0)
            {
                arguments[member.Parameter] = values[m];
            }
            else
            {
                bindings.Add(Expression.Bind(member.Member!, values[m]));
            }
        }

        NewExpression made = shape.Constructor is { } constructor ? Expression.New(constructor, arguments) : Expression.New(shape.Type);
        return bindings.Count == 0 ? made : Expression.MemberInit(made, bindings);
    }
}
