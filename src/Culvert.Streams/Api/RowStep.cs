namespace Culvert.Streams;

/// <summary>A step of user code as a plan names it.</summary>
internal abstract class RowStep(string kind, CodeIdentity identity)
{
    internal string Identity { get; } = $"{kind}({identity.Canonical})";

    internal string Description { get; } = $"{kind} {identity.Display}";

    /// <summary>True when what comes out are some of the events that went in.</summary>
    internal abstract bool IsFilter { get; }

    /// <summary>The step at work in front of another; both are <see cref="RowStage{T}"/>.</summary>
    internal abstract object Create(object next);

    /// <summary>What batches are made with after this step.</summary>
    internal abstract IRowOutput CreateOutput(bool gather, Schema schema, int timeColumn);

    /// <summary>What reads the batches before this step.</summary>
    internal abstract ICodeInstance CreateInput(Schema schema, object first, IRowOutput output);
}

internal abstract class RowStep<TIn, TOut>(string kind, CodeIdentity identity) : RowStep(kind, identity)
{
    internal override IRowOutput CreateOutput(bool gather, Schema schema, int timeColumn) =>
        gather ? new GatherOutput<TOut>() : new WriteOutput<TOut>(schema, timeColumn);

    internal override ICodeInstance CreateInput(Schema schema, object first, IRowOutput output) =>
        new DelegateInstance<TIn>(new RowReader<TIn>(schema), (RowStage<TIn>)first, output);
}

internal sealed class WhereStep<T>(Func<T, bool> predicate, CodeIdentity identity) : RowStep<T, T>("where", identity)
{
    internal override bool IsFilter => true;

    internal override object Create(object next) => new WhereStage<T>(predicate, (RowStage<T>)next);
}

internal sealed class SelectStep<T, TResult>(Func<T, TResult> selector, CodeIdentity identity)
    : RowStep<T, TResult>("select", identity)
{
    internal override bool IsFilter => false;

    internal override object Create(object next) => new SelectStage<T, TResult>(selector, (RowStage<TResult>)next);
}

internal sealed class SelectManyStep<T, TResult>(Func<T, IEnumerable<TResult>> selector, CodeIdentity identity)
    : RowStep<T, TResult>("selectMany", identity)
{
    internal override bool IsFilter => false;

    internal override object Create(object next) => new SelectManyStage<T, TResult>(selector, (RowStage<TResult>)next);
}
