using System.Text;
using Culvert.Benchmarks.Flights;
using Culvert.Engine;
using Culvert.Streams;

namespace Culvert.Benchmarks.SecureStreams;

/// <summary>The delayed flights: count and sum of ArrDelay &gt; 0 by carrier, in C#.</summary>
internal static class FlightsQuery
{
    /// <summary>Partitions of the source and of the groups, whatever the number of workers: the plan is always the same.</summary>
    internal const int Partitions = 8;

    private const string Name = "delayed-flights";

    /// <summary>The columns that it reads.</summary>
    internal static Schema Columns { get; } = new(
        new Field(nameof(Flight.UniqueCarrier), new ColumnType(ValueKind.Text)),
        new Field(nameof(Flight.ArrDelay), new ColumnType(ValueKind.Int32, Nullable: true)));

    /// <summary>The query over a source, its result into <paramref name="result"/>.</summary>
    internal static Plan Over(Stream<Flight> flights, ProtectionMode mode, ResultRows result)
    {
        Job job = flights
            .Where(f => f.ArrDelay > 0)
            .GroupBy(f => f.UniqueCarrier)
            .Aggregate(g => new DelayedCarrier(g.Key, g.Count(), g.Sum(f => f.ArrDelay)))
            .To(result.Sink)
            .AsJob(Name);
        return Plan.Compile(JobProtection.Apply(job, mode switch
        {
            ProtectionMode.Open => Protection.Open,
            ProtectionMode.Sealed => Protection.Sealed,
            _ => Protection.Enclave,
        }));
    }

    /// <summary>
    /// The answer as text that is equal for equal answers, as the other benchmarks of this query have it: of one of
    /// <paramref name="parts"/> equal parts of the input.
    /// </summary>
    internal static string Answer(ResultRows result, int parts)
    {
        StringBuilder text = new();
        foreach ((Batch batch, int row) in result.Sorted())
        {
            DelayedFlightsAnswer.Append(
                text,
                Encoding.UTF8.GetString(batch.Text(0).GetBytes(row)),
                batch.Fixed<long>(1).Values[row] / parts,
                batch.Fixed<long>(2).Values[row] / parts);
        }

        return text.ToString();
    }

    internal static T Checked<T>(Outcome<T> outcome) => outcome.Failure is { } failure ? throw new InvalidOperationException(failure.Message) : outcome.Value;

    internal sealed record Flight(string UniqueCarrier, int? ArrDelay);

    internal sealed record DelayedCarrier(string Carrier, long Delayed, long Total);
}
