namespace Culvert.Streams.Tests.Api;

/// <summary>Runs one node of user code over one batch.</summary>
internal static class CodeRuns
{
    internal static TOut[] Run<TIn, TOut>(Stream<TOut> stream, params TIn[] rows)
    {
        using Batch batch = new RowWriter<TIn>().Write(rows);
        return Run(stream, batch);
    }

    internal static TOut[] Run<TOut>(Stream<TOut> stream, Batch batch)
    {
        Code code = Assert.IsType<CodeNode>(stream.Node).Code;
        using ICodeInstance instance = code.Create();
        List<TOut> results = [];
        instance.Run(batch, 0, made =>
        {
            Assert.Equal(code.Output, made.Schema);
            results.AddRange(new RowReader<TOut>(made.Schema).ReadAll(made));
            made.Dispose();
        });
        return [.. results];
    }
}
