using System.Collections.Immutable;
using System.Globalization;
using System.Linq.Expressions;
using Culvert.Streams.Expressions;

namespace Culvert.Streams;

/// <summary>
/// Takes a lambda like <c>g => new { g.Key, Mean = g.Sum(e => e.X) / (double)g.Count() }</c> apart: its calls become
/// columns of an <see cref="AggregateNode"/>, and the rest a projection over these.
/// </summary>
internal sealed class AggregateBuilder<T>(Node input, LambdaExpression lambda, KeyColumns? keys, WindowSpec? window)
{
    private readonly ParameterExpression _group = lambda.Parameters[0];
    private readonly List<(AggregateColumn Column, List<MethodCallExpression> Calls)> _aggregates = [];
    private readonly Dictionary<Expression, string> _wanted = [];
    private readonly HashSet<string> _taken = window is null ? [] : [AggregateNode.WindowStart, AggregateNode.WindowEnd];
    private Node _input = keys?.Node ?? input;

    /// <summary>The aggregate, and the node that delivers what the lambda makes.</summary>
    internal (AggregateNode Aggregate, Node Result) Build(RowShape result)
    {
        if (window is not null && input.Schema.IndexOf(Node.EventTimeColumn) < 0)
        {
            throw new JobDefinitionException("windows need the events' time: call WithEventTime(e => e.Time, disorder) before");
        }

        Prefer(result);
        ImmutableArray<NamedExpr> keyColumns = NameKeys();
        new CallFinder(this).Visit(lambda.Body);
        AggregateNode aggregate = new(_input, keyColumns, [.. _aggregates.Select(a => a.Column)], window);
        Func<Expression, Expr?> resolve = Resolver(aggregate, keyColumns);
        Outcome<ImmutableArray<NamedExpr>> columns = Projection.Translate(lambda.Body, result, resolve);
        if (!columns.Succeeded)
        {
            throw new JobDefinitionException(
                $"the result of Aggregate has to be made of its key, its aggregates and expressions over them: {columns.Failure.Message}. Compute the rest in a Select behind it");
        }

        // A window's result is always a node of its own: marks put on it must not make another aggregate than the late events'.
        bool isIdentity = window is null && columns.Value.Length == aggregate.Schema.Count
            && columns.Value.Select((c, i) => c.Value is ColumnExpr { Index: var at } && at == i && c.Name == aggregate.Schema[i].Name).All(same => same);
        return (aggregate, isIdentity ? aggregate : new SelectNode(aggregate, columns.Value));
    }

    /// <summary>An aggregate or key that is a member of the result as it stands gets the member's name.</summary>
    private void Prefer(RowShape result)
    {
        Expression?[] members = result.IsValue ? [] : PlainConstruction.MembersOf(lambda.Body, result) ?? [];
        for (int m = 0; m < members.Length; m++)
        {
            if (members[m] is { } value)
            {
                _wanted.TryAdd(Bare(value), result.Members[m].ColumnName);
            }
        }
    }

    private ImmutableArray<NamedExpr> NameKeys()
    {
        if (keys is null)
        {
            return [];
        }

        ImmutableArray<NamedExpr>.Builder named = ImmutableArray.CreateBuilder<NamedExpr>();
        for (int i = 0; i < keys.Columns.Length; i++)
        {
            RowMember member = keys.Shape.Members[i];
            string? wanted = null;
            foreach ((Expression e, string name) in _wanted)
            {
                bool isThis = keys.Shape.IsValue ? IsKey(e) : e is MemberExpression { Expression: { } owner } access && IsKey(owner) && keys.Shape.Find(access.Member) == member;
                wanted ??= isThis ? name : null;
            }

            named.Add(keys.Columns[i] with { Name = Take(wanted ?? keys.Columns[i].Name) });
        }

        return named.ToImmutable();
    }

    private Func<Expression, Expr?> Resolver(AggregateNode aggregate, ImmutableArray<NamedExpr> keyColumns) => e =>
    {
        if (e is MethodCallExpression call)
        {
            foreach ((AggregateColumn column, List<MethodCallExpression> calls) in _aggregates)
            {
                if (calls.Contains(call))
                {
                    Expr value = Expr.Column(aggregate.Schema, column.Name);
                    bool mayBeNull = !call.Type.IsValueType || Nullable.GetUnderlyingType(call.Type) is not null;
                    return value.Type.Nullable && !mayBeNull ? Expr.Unary(UnaryOperator.Value, value) : value;
                }
            }
        }

        if (e is not MemberExpression { Expression: { } owner } member)
        {
            return null;
        }

        if (keys is not null && (keys.Shape.IsValue ? IsKey(e) : IsKey(owner)))
        {
            int index = keys.Shape.IsValue ? 0 : keys.Shape.Find(member.Member) is { } found ? keys.Shape.Members.IndexOf(found) : -1;
            return index < 0 ? null : Expr.Column(aggregate.Schema, keyColumns[index].Name);
        }

        return !IsGroup(owner) ? null : member.Member.Name switch
        {
            nameof(IWindow<T>.WindowStart) => Expr.Column(aggregate.Schema, AggregateNode.WindowStart),
            nameof(IWindow<T>.WindowEnd) => Expr.Column(aggregate.Schema, AggregateNode.WindowEnd),
            _ => null,
        };
    };

    private void Add(MethodCallExpression call)
    {
        AggregateFunction function = Enum.Parse<AggregateFunction>(call.Method.Name);
        Expr? argument = null;
        if (call.Arguments.Count == 1)
        {
            (_input, argument) = ComputedColumns.OfArgument<T>(_input, call.Arguments[0]);
        }

        string? wanted = _wanted.GetValueOrDefault(call);
        for (int i = 0; i < _aggregates.Count; i++)
        {
            (AggregateColumn known, List<MethodCallExpression> calls) = _aggregates[i];
            if (known.Function == function && Equals(known.Argument, argument))
            {
                bool isBetter = wanted is not null && !calls.Any(_wanted.ContainsKey);
                calls.Add(call);
                _aggregates[i] = (isBetter ? known with { Name = Take(wanted!) } : known, calls);
                return;
            }
        }

        string name = wanted
            ?? (argument is ColumnExpr { Name: var column } && !column.StartsWith('$') ? $"{function.ToString().ToLowerInvariant()}_{column}" : function.ToString().ToLowerInvariant());
        try
        {
            _aggregates.Add((new AggregateColumn(Take(name), function, argument), [call]));
        }
        catch (ArgumentException e)
        {
            throw new JobDefinitionException($"`{call}`: {e.Message}", e);
        }
    }

    private string Take(string name)
    {
        string free = name;
        for (int n = 2; !_taken.Add(free); n++)
        {
            free = string.Create(CultureInfo.InvariantCulture, $"{name}_{n}");
        }

        return free;
    }

    private bool IsGroup(Expression e) => Bare(e) == _group;

    private bool IsKey(Expression e) => Bare(e) is MemberExpression { Member.Name: nameof(IGroup<int, T>.Key), Expression: { } owner } && IsGroup(owner);

    /// <summary>Without conversions to a base or to object or to the same value that may be null.</summary>
    private static Expression Bare(Expression e)
    {
        while (e is UnaryExpression { NodeType: ExpressionType.Convert } convert
            && (convert.Type.IsAssignableFrom(convert.Operand.Type) || Nullable.GetUnderlyingType(convert.Type) == convert.Operand.Type))
        {
            e = convert.Operand;
        }

        return e;
    }

    private sealed class CallFinder(AggregateBuilder<T> builder) : ExpressionVisitor
    {
        protected override Expression VisitMethodCall(MethodCallExpression node)
        {
            if (node.Object is { } owner && builder.IsGroup(owner))
            {
                builder.Add(node);
                return node;
            }

            return base.VisitMethodCall(node);
        }
    }
}
