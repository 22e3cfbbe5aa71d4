using System.Buffers;
using System.Diagnostics;
using System.Security.Cryptography;
using Culvert.Engine;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Benchmarks.Paging;

/// <summary>
/// Counts of events by key where the counts outgrow what may be kept inside: the whole job on one thread, as a worker in
/// an enclave runs them, with keys and counts of 8 bytes. Every key is there before time is taken, so the state does not grow.
/// </summary>
public static class PagedStateScenario
{
    /// <summary>State in budgets, from a tenth to ten times.</summary>
    public static IReadOnlyList<double> StatesToBudget { get; } = [0.1, 0.25, 0.5, 1, 2, 4, 10];

    /// <summary>A key's bytes in pages that are two thirds full.</summary>
    private const double BytesPerKey = 28;

    private const int RowsPerBatch = 8192;
    private const int BatchesPerRound = 128;

    /// <summary>Batches made beforehand and used again and again: enough that no cache knows them.</summary>
    private const int BatchesMax = 4096;

    private static readonly ColumnType s_number = new(ValueKind.Int64);
    private static readonly Schema s_schema = new(new Field(nameof(KeyNumber.Key), s_number));

    /// <summary>Runs one size of state.</summary>
    /// <param name="budgetBytes">The budget.</param>
    /// <param name="stateToBudget">How large the state is, in budgets.</param>
    /// <param name="distribution">Of keys.</param>
    /// <param name="events">To count in the measured time.</param>
    /// <param name="withinBudget">False for the same without a budget, for comparison.</param>
    /// <param name="withAnswer">Whether to finish the job and sum the answer up.</param>
    public static PagedStateResult Run(
        long budgetBytes, double stateToBudget, KeyDistribution distribution, long events, bool withinBudget = true, bool withAnswer = false)
    {
        long keys = Math.Max(1, (long)(budgetBytes * stateToBudget / BytesPerKey));
        using NativeOutsideMemory outside = new(checked((int)((8 * Math.Max(1, stateToBudget) * budgetBytes / StateBudget.SlotBytes) + 1024)));
        using StateBudget? budget = withinBudget ? new StateBudget(budgetBytes, outside, new SystemEntropy()) : null;
        using Worker worker = new(budget);
        for (long from = 0; from < keys; from += RowsPerBatch)
        {
            long first = from;
            worker.Push(MakeBatch((int)Math.Min(RowsPerBatch, keys - from), i => ZipfKeys.Scattered(first + i)));
        }

        worker.CloseRound();
        ZipfKeys numbers = new(keys, distribution, seed: 1);
        Batch[] batches = [.. Enumerable.Range(0, (int)Math.Min(BatchesMax, (events + RowsPerBatch - 1) / RowsPerBatch)).Select(
            _ => MakeBatch((int)Math.Min(RowsPerBatch, events), _ => numbers.Next()))];
        long pushed = 0;
        Push(Math.Min(events, (long)BatchesPerRound * RowsPerBatch));
        (long written, long read) = (budget?.PagesWritten ?? 0, budget?.PagesRead ?? 0);
        TimeSpan spent = ProcessorTime.Spent();
        long start = Stopwatch.GetTimestamp();
        long counted = Push(events);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double processorSeconds = (ProcessorTime.Spent() - spent).TotalSeconds;
        PagedStateResult result = new(
            distribution,
            budget?.Bytes,
            stateToBudget,
            keys,
            worker.StateBytes,
            counted,
            seconds,
            processorSeconds,
            (budget?.PagesWritten ?? 0) - written,
            (budget?.PagesRead ?? 0) - read,
            budget?.ResidentBytesPeak ?? 0);
        return withAnswer ? result with { Answer = worker.Finish() } : result;

        long Push(long wanted)
        {
            long done = 0;
            while (done < wanted)
            {
                Batch batch = batches[pushed++ % batches.Length];
                batch.Retain();
                worker.Push(batch);
                done += batch.Count;
                if (pushed % BatchesPerRound == 0)
                {
                    worker.CloseRound();
                }
            }

            return done;
        }
    }

    private static Batch MakeBatch(int rows, Func<int, long> key)
    {
        long[] keys = new long[rows];
        for (int i = 0; i < rows; i++)
        {
            keys[i] = key(i);
        }

        return new Batch(s_schema, [new FixedColumn<long>(s_number, keys, rows)], rows);
    }

    /// <summary>All stages of the job, and the sum of what comes out.</summary>
    private sealed class Worker : IFrameSink, IStageServices, IDisposable
    {
        private readonly Plan _plan;
        private readonly PartitionStep[][] _steps; // by stage, then partition
        private readonly Answer _answer = new();

        internal Worker(StateBudget? budget)
        {
            StateBudget = budget;
            Job job = Source.FromBatches<KeyNumber>([])
                .GroupBy(e => e.Key)
                .Aggregate(g => new KeyCount(g.Key, g.Count()))
                .To(new DiscardSinkSpec())
                .AsJob("grouped counts");
            Plan plan = Plan.Compile(job);
            _plan = plan;
            _steps = [.. plan.Stages.Select(stage => Enumerable.Range(0, stage.PartitionCount)
                .Select(p => new PartitionStep(plan, stage.Id, new PartitionId(p), this, this)).ToArray())];
        }

        public StateBudget? StateBudget { get; }

        internal long StateBytes => _steps.SelectMany(stage => stage).Sum(step => step.StateBytes);

        internal void Push(Batch batch) => _steps[0][0].Push(batch);

        internal void CloseRound() => _steps[0][0].CloseRound();

        internal long Finish()
        {
            _steps[0][0].End();
            return _answer.Sum;
        }

        public void Send(Frame frame)
        {
            PartitionStep to = _steps[_plan.Edges[frame.Edge.Value].To.Value][frame.To.Value];
            Outcome<bool> taken = to.Receive(frame);
            Invariant.Holds(taken.Succeeded);
            MergeStep step;
            do
            {
                step = to.Advance();
            }
            while (step is not (MergeStep.Wait or MergeStep.Finish));
        }

        public ISinkWriter OpenSink(SinkNode sink, PartitionId partition, ReadOnlySpan<byte> position) => _answer;

        public void Dispose()
        {
            foreach (PartitionStep step in _steps.SelectMany(stage => stage))
            {
                step.Dispose();
            }
        }
    }

    /// <summary>A sum over the rows in their order.</summary>
    private sealed class Answer : ISinkWriter
    {
        internal long Sum { get; private set; }

        public void Write(Batch batch, Round round)
        {
            ReadOnlySpan<long> keys = batch.Fixed<long>(0).Values;
            ReadOnlySpan<long> counts = batch.Fixed<long>(1).Values;
            for (int i = 0; i < counts.Length; i++)
            {
                Sum = unchecked((Sum * 31) + (keys[i] ^ counts[i]));
            }
        }

        public void CloseRound(Round round, Watermark watermark)
        {
        }

        public void Complete()
        {
        }

        public void WritePosition(IBufferWriter<byte> writer)
        {
        }

        public void MakeDurable()
        {
        }

        public void Dispose()
        {
        }
    }

    private sealed class SystemEntropy : IEntropy
    {
        public void Fill(Span<byte> destination) => RandomNumberGenerator.Fill(destination);
    }
}
