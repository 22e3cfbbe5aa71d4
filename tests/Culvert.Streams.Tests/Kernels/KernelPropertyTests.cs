using System.Linq.Expressions;
using System.Text;
using Culvert.Streams.Expressions;
using Culvert.Streams.Kernels;

namespace Culvert.Streams.Tests.Kernels;

/// <summary>What C# gives row by row is what kernels give for batches, failures included.</summary>
public class KernelPropertyTests
{
    private const int Cases = 800;

    [Theory]
    [InlineData(1UL)]
    [InlineData(2UL)]
    public void Kernels_give_what_CSharp_gives_and_fail_on_the_same_row(ulong seed)
    {
        int failures = 0, values = 0;
        for (ulong i = 0; i < Cases; i++)
        {
            ulong caseSeed = (seed * 1_000_000) + i;
            RandomExpressions random = new(caseSeed);
            LambdaExpression lambda = random.Lambda();
            Row[] rows = random.Rows((int)(caseSeed % 150));
            Delegate compiled = lambda.Compile();
            string where = $"seed {caseSeed}: {lambda}";
            Outcome<Expr> translated = ExpressionTranslator.Translate(lambda, Rows.Resolve);
            Assert.True(translated.Succeeded, $"{where}: {translated.Failure?.Message}");
            foreach (bool dictionary in (bool[])[false, true])
            {
                bool failed = Check(translated.Value, compiled, rows, dictionary, where);
                failures += failed ? 1 : 0;
                values += failed ? 0 : 1;
            }
        }

        // A generator that only failed, or never did, would prove little.
        Assert.True(failures > Cases / 20 && values > Cases, $"{failures} failures, {values} results");
    }

    private static bool Check(Expr expr, Delegate compiled, Row[] rows, bool dictionary, string where)
    {
        (object?[] expected, int failing) = Reference(compiled, rows);
        using Batch batch = Rows.Batch(rows, dictionary);
        TrackingPool pool = new();
        Kernel kernel = Kernel.Compile(expr, pool);
        Column actual;
        try
        {
            actual = kernel.Evaluate(batch);
        }
        catch (RowFailedException failure)
        {
            Assert.True(failing == failure.Row, $"{where}: row {failure.Row} failed ({failure.Message}), should {failing}");
            Assert.True(pool.Out == 0, $"{where}: {pool.Out} arrays were not given back after a failure");
            return true;
        }

        using (actual)
        {
            Assert.True(failing == -1, $"{where}: row {failing} should have failed");
            Assert.Equal(expr.Type.Kind, actual.Type.Kind);
            for (int i = 0; i < rows.Length; i++)
            {
                Assert.True(Same(expected[i], actual.GetValue(i)), $"{where}: row {i} is {actual.GetValue(i)}, should be {expected[i]}; {expr}");
            }

            if (expr.Type.Kind == ValueKind.Bool)
            {
                int[] selected = new int[rows.Length];
                int count = kernel.Select(batch, selected);
                Assert.Equal(Enumerable.Range(0, rows.Length).Where(i => expected[i] is true), selected.Take(count));
            }
        }

        Assert.True(pool.Out == 0, $"{where}: {pool.Out} arrays were not given back");
        return false;
    }

    private static (object?[] Values, int Failing) Reference(Delegate compiled, Row[] rows)
    {
        object?[] values = new object?[rows.Length];
        for (int i = 0; i < rows.Length; i++)
        {
            try
            {
                values[i] = compiled.DynamicInvoke(rows[i]);
            }
            catch (System.Reflection.TargetInvocationException)
            {
                return (values, i);
            }
        }

        return (values, -1);
    }

    private static bool Same(object? expected, object? actual) => (expected, actual) switch
    {
        (double e, double a) => BitConverter.DoubleToInt64Bits(e) == BitConverter.DoubleToInt64Bits(a) || (double.IsNaN(e) && double.IsNaN(a)),
        (float e, float a) => BitConverter.SingleToInt32Bits(e) == BitConverter.SingleToInt32Bits(a) || (float.IsNaN(e) && float.IsNaN(a)),
        (string e, string a) => Encoding.UTF8.GetBytes(e).AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(a)),
        (DateTime e, DateTime a) => e == a && e.Kind == a.Kind,
        _ => Equals(expected, actual),
    };
}
