using Culvert.Streams;

namespace Culvert.Engine.Tests.Reactive;

/// <summary>Aggregates of values at the edges; docs/semantics.md, Aggregates.</summary>
public sealed class AggregateEdgeTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ASumPassesBeyond64BitsAsLongAsItsEndFits() =>
        Assert.Equal([long.MaxValue - 1], await new[] { long.MaxValue, long.MaxValue, -long.MaxValue, -1 }.ToStream().Aggregate(g => g.Sum(n => n)).ToListAsync(Token));

    [Fact]
    public async Task ASumThatDoesNotFit64BitsFailsTheRunAndIsNamed()
    {
        JobFailedException error = await Assert.ThrowsAsync<JobFailedException>(
            () => new[] { long.MaxValue, 1 }.ToStream().Aggregate(g => new { total = g.Sum(n => n) }).ToListAsync(Token));

        Assert.Contains("9223372036854775808", error.Message, StringComparison.Ordinal);
        Assert.Contains("64 bits", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnAverageOfGreatNumbersDoesNotOverflow() =>
        Assert.Equal([(double)long.MaxValue], await new[] { long.MaxValue, long.MaxValue }.ToStream().Aggregate(g => g.Average(n => n)).ToListAsync(Token));

    [Fact]
    public async Task LeastAndGreatestOfNaNAreThoseOfLinq()
    {
        double[] numbers = [3, double.NaN, -1];
        var found = await numbers.ToStream().Aggregate(g => new { least = g.Min(n => n), greatest = g.Max(n => n), sum = g.Sum(n => n) }).ToListAsync(Token);

        Assert.Equal([new { least = numbers.Min(), greatest = numbers.Max(), sum = double.NaN }], found);
    }

    [Fact]
    public async Task OfNothingThereAreNoneAndASumOfZero()
    {
        var found = await Array.Empty<int?>().ToStream().Aggregate(g => new
        {
            count = g.Count(),
            sum = g.Sum(n => n),
            average = g.Average(n => n),
            least = g.Min(n => n),
        }).ToListAsync(Token);

        Assert.Equal([new { count = 0L, sum = 0L, average = (double?)null, least = (int?)null }], found);
    }

    [Fact]
    public async Task AnAverageOfNothingThatHasNoNullIsRefusedAsInLinq()
    {
        JobFailedException error = await Assert.ThrowsAsync<JobFailedException>(
            () => Array.Empty<int>().ToStream().Aggregate(g => g.Average(n => n)).ToListAsync(Token));

        Assert.Contains("no events", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OfOnlyMissingValuesThereIsNoAverage()
    {
        var found = await new int?[] { null, null }.ToStream().Aggregate(g => new { count = g.Count(), sum = g.Sum(n => n), average = g.Average(n => n) }).ToListAsync(Token);

        Assert.Equal([new { count = 2L, sum = 0L, average = (double?)null }], found);
    }

    [Fact]
    public async Task KeysThatAreEqualAreOneKeyHoweverTheyAreWritten()
    {
        Assert.Equal([(0.0, 2L), (double.NaN, 2L)], (await new[] { 0.0, -0.0, double.NaN, -double.NaN }.ToStream().GroupBy(n => n)
            .Aggregate(g => new { g.Key, count = g.Count() }).ToListAsync(Token)).Select(r => (r.Key, r.count)).OrderBy(r => double.IsNaN(r.Key)));
        Assert.Equal([(1m, 2L)], (await new[] { 1.0m, 1.00m }.ToStream().GroupBy(n => n)
            .Aggregate(g => new { g.Key, count = g.Count() }).ToListAsync(Token)).Select(r => (r.Key, r.count)));
        DateTimeOffset noon = new(2008, 1, 1, 12, 0, 0, TimeSpan.Zero);
        Assert.Equal([(noon, 2L)], (await new[] { noon, noon.ToOffset(TimeSpan.FromHours(2)) }.ToStream().GroupBy(t => t)
            .Aggregate(g => new { g.Key, count = g.Count() }).ToListAsync(Token)).Select(r => (r.Key, r.count)));
    }

    [Fact]
    public async Task ADateTimesKindDoesNotCountInAKeyAndIsUtcInTheResult()
    {
        DateTime noon = new(2008, 1, 1, 12, 0, 0, DateTimeKind.Unspecified);
        var found = await new[] { noon, DateTime.SpecifyKind(noon, DateTimeKind.Utc) }.ToStream().GroupBy(t => t)
            .Aggregate(g => new { g.Key, count = g.Count() }).ToListAsync(Token);

        Assert.Equal([(noon, DateTimeKind.Utc, 2L)], found.Select(r => (r.Key, r.Key.Kind, r.count)));
    }

    [Fact]
    public async Task OfEqualValuesThatDifferTheFirstIsLeast()
    {
        decimal[] prices = [1.50m, 1.5m, 2.0m];
        Assert.Equal(["1.50"], (await prices.ToStream().Aggregate(g => g.Min(p => p)).ToListAsync(Token)).Select(p => p.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        Assert.True(double.IsNegative(Assert.Single(await new[] { -0.0, 0.0 }.ToStream().Aggregate(g => g.Max(n => n)).ToListAsync(Token))));
    }

    [Fact]
    public async Task AMissingKeyIsAKeyOfItsOwn()
    {
        var found = await new string?[] { "a", null, "a", null, "" }.Select(text => new { text }).ToStream().GroupBy(e => e.text)
            .Aggregate(g => new { g.Key, count = g.Count() }).ToListAsync(Token);

        Assert.Equal([(null, 2L), ("", 1L), ("a", 2L)], found.Select(r => (r.Key, r.count)).OrderBy(r => r.Key, StringComparer.Ordinal));
    }

    [Fact]
    public Task FloatingPointSumsAreFoldedPerRoundAndPartitionInOrder() => Seeds.ForEach(25, async random =>
    {
        // Numbers of every magnitude: another order gives other last digits.
        double Draw() => (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-12, 12));
        double[][][] rounds = [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => Enumerable.Range(0, random.Next(1, 6))
            .Select(_ => Enumerable.Range(0, random.Next(9)).Select(_ => Draw()).ToArray()).ToArray())];
        ScriptedSource<double> source = new(rounds);
        double expected = 0;
        for (int round = 0; round < rounds.Max(p => p.Length); round++)
        {
            foreach (double[][] partition in rounds.Where(p => round < p.Length && p[round].Length > 0))
            {
                double ofRound = 0;
                foreach (double number in partition[round])
                {
                    ofRound += number;
                }

                expected += ofRound;
            }
        }

        Assert.Equal([expected], await Events.Run(random, Source.From<double>(source).Aggregate(g => g.Sum(n => n))));
    });
}
