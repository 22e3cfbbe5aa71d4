using System.Collections.Immutable;
using System.Linq.Expressions;
using System.Runtime.CompilerServices;
using Culvert.Streams.Expressions;

namespace Culvert.Streams;

/// <summary>
/// A stream of events, as a job's author sees it: immutable, and a description only; a runner of jobs makes it flow.
/// <para>
/// A lambda given to an operator is an expression: it is compiled to work on whole columns, and only the columns that it
/// touches are read. A method group or a delegate variable is opaque code, called event by event. A lambda that has no
/// counterpart as an expression (because it calls a method of yours, say) becomes opaque code by itself; <c>plan</c>
/// shows which. Opaque code has to give the same answer whenever it is called with the same event.
/// </para>
/// </summary>
/// <typeparam name="T">The event: a record, class or struct whose members are columns, or one value; see <see cref="RowShape"/>.</typeparam>
public partial class Stream<T>
{
    /// <summary>The stream of what a node delivers; a schema without the columns of <typeparamref name="T"/> is refused with <see cref="JobDefinitionException"/>.</summary>
    public Stream(Node node)
    {
        RowShape<T> shape = RowShape<T>.Instance;
        foreach (Field wanted in shape.Schema.Fields)
        {
            int index = node.Schema.IndexOf(wanted.Name);
            if (index < 0 || node.Schema[index].Type.Kind != wanted.Type.Kind)
            {
                throw new JobDefinitionException(index < 0
                    ? $"there is no column '{wanted.Name}' for {RowShapeReflection.NameOf(typeof(T))}; there are: {node.Schema}"
                    : $"the column '{wanted.Name}' is {node.Schema[index].Type} and {RowShapeReflection.NameOf(typeof(T))} wants {wanted.Type}");
            }
        }

        Node = node;
    }

    /// <summary>The step of the job that delivers the events.</summary>
    public Node Node { get; }

    /// <summary>The columns of <typeparamref name="T"/>.</summary>
    public RowShape<T> Shape => RowShape<T>.Instance;

    /// <summary>Keeps the events for which a predicate is true; one that is null counts as false.</summary>
    [OverloadResolutionPriority(1)]
    public Stream<T> Where(Expression<Func<T, bool>> predicate)
    {
        RowScope scope = Scope(predicate.Parameters[0]);
        Outcome<Expr> translated = ExpressionTranslator.Translate(predicate, scope.Resolve);
        if (translated.Succeeded)
        {
            return new Stream<T>(new WhereNode(Node, translated.Value));
        }

        (CodeIdentity identity, Func<T, bool> code) = CodeIdentity.Of(predicate);
        return Step<T>(new WhereStep<T>(code, identity));
    }

    /// <summary>Keeps the events for which user code says true.</summary>
    public Stream<T> Where(Func<T, bool> predicate)
    {
        (CodeIdentity identity, Func<T, bool> code) = CodeIdentity.Of(predicate);
        return Step<T>(new WhereStep<T>(code, identity));
    }

    /// <summary>Makes another event of each. An event's time stays with it.</summary>
    [OverloadResolutionPriority(1)]
    public Stream<TResult> Select<TResult>(Expression<Func<T, TResult>> selector)
    {
        RowScope scope = Scope(selector.Parameters[0]);
        Outcome<ImmutableArray<NamedExpr>> columns = Projection.Translate(selector.Body, RowShape<TResult>.Instance, scope.Resolve, scope);
        if (columns.Succeeded)
        {
            return new Stream<TResult>(new SelectNode(Node, Timed(Node, columns.Value)));
        }

        (CodeIdentity identity, Func<T, TResult> code) = CodeIdentity.Of(selector);
        return Step<TResult>(new SelectStep<T, TResult>(code, identity));
    }

    /// <summary>Makes another event of each by user code.</summary>
    public Stream<TResult> Select<TResult>(Func<T, TResult> selector)
    {
        (CodeIdentity identity, Func<T, TResult> code) = CodeIdentity.Of(selector);
        return Step<TResult>(new SelectStep<T, TResult>(code, identity));
    }

    /// <summary>Makes any number of events of each, in order; always opaque code.</summary>
    [OverloadResolutionPriority(1)]
    public Stream<TResult> SelectMany<TResult>(Expression<Func<T, IEnumerable<TResult>>> selector)
    {
        (CodeIdentity identity, Func<T, IEnumerable<TResult>> code) = CodeIdentity.Of(selector);
        return Step<TResult>(new SelectManyStep<T, TResult>(code, identity));
    }

    /// <summary>Makes any number of events of each by user code, in order.</summary>
    public Stream<TResult> SelectMany<TResult>(Func<T, IEnumerable<TResult>> selector)
    {
        (CodeIdentity identity, Func<T, IEnumerable<TResult>> code) = CodeIdentity.Of(selector);
        return Step<TResult>(new SelectManyStep<T, TResult>(code, identity));
    }

    /// <summary>The events of this stream and others, round by round, this one's first.</summary>
    public Stream<T> Merge(params ReadOnlySpan<Stream<T>> others) => Source.Merge([this, .. others]);

    /// <summary>Sends the stream to a receiver: a job is made of one or more of these.</summary>
    public SinkNode To(SinkSpec sink)
    {
        // Times and computed keys are for the steps between; a receiver gets what the author named.
        ImmutableArray<Field> shown = [.. Node.Schema.Fields.Where(f => !f.Name.StartsWith('$'))];
        return shown.Length == Node.Schema.Count
            ? new SinkNode(Node, sink)
            : new SinkNode(new SelectNode(Node, [.. shown.Select(f => new NamedExpr(f.Name, Expr.Column(Node.Schema, f.Name)))]), sink);
    }

    /// <summary>Calls the step that ends here by a name, for <c>plan</c> and <c>peek</c>.</summary>
    public Stream<T> Named(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        return new Stream<T>(Node.With(name: name));
    }

    /// <summary>Says where the data of the step that ends here may be seen; without it the job says.</summary>
    public Stream<T> WithProtection(Protection protection) =>
        new(Node.With(protection: protection));

    /// <summary>Lets the step that ends here run only where a node has a label; several calls ask for several labels.</summary>
    public Stream<T> Require(string label)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(label);
        ImmutableArray<string> labels = [.. Node.Constraints.Append(label).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return new Stream<T>(Node.With(constraints: labels));
    }

    /// <summary>Keeps the step that ends here in a stage of its own, not fused with what it reads from.</summary>
    public Stream<T> Apart() => new(Node.With(apart: true));

    private protected RowScope Scope(ParameterExpression parameter) => new(parameter, Shape, Node.Schema);

    /// <summary>The columns, and an event's time where the node has one.</summary>
    internal static ImmutableArray<NamedExpr> Timed(Node node, ImmutableArray<NamedExpr> columns) =>
        node.Schema.IndexOf(Node.EventTimeColumn) < 0
            ? columns
            : columns.Add(new NamedExpr(Node.EventTimeColumn, Expr.Column(node.Schema, Node.EventTimeColumn)));

    /// <summary>One more step of user code, joined to the steps before it where nothing was said about those.</summary>
    private Stream<TResult> Step<TResult>(RowStep step)
    {
        RowShape<TResult> result = RowShape<TResult>.Instance;
        bool joins = Node is CodeNode { Code: DelegateCode { Result: RowShape<T> }, Name: null, Protection: null, Apart: false, Constraints.IsEmpty: true };
        return joins
            ? new Stream<TResult>(new CodeNode(Node.Inputs[0], ((DelegateCode)((CodeNode)Node).Code).Then(step, result)))
            : new Stream<TResult>(new CodeNode(Node, DelegateCode.Start(Node.Schema, step, result)));
    }
}
