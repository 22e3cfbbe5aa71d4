using System.Diagnostics;

namespace Culvert.Benchmarks;

/// <summary>
/// Runs a scenario's contenders in turn, again and again, so that whatever else the machine does falls on all of them alike.
/// The first run of each is not counted, and all must give the same answer.
/// </summary>
public static class Harness
{
    /// <summary>Runs a scenario.</summary>
    /// <exception cref="InvalidOperationException">Two contenders gave different answers, or one failed.</exception>
    public static ScenarioResult Run(IScenario scenario, BenchmarkOptions options, TextWriter progress)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Repeats, 1);
        PreparedScenario prepared = scenario.Prepare(options);
        Contender[] present = [.. prepared.Contenders.Where(contender => contender.Absent is null)];
        foreach (Contender absent in prepared.Contenders.Except(present))
        {
            progress.WriteLine($"{scenario.Name}: NOT MEASURED: {absent.Name}: {absent.Absent}");
        }

        Dictionary<string, List<double>> seconds = present.ToDictionary(contender => contender.Name, _ => new List<double>());
        Dictionary<string, List<double>> processorSeconds = present.ToDictionary(contender => contender.Name, _ => new List<double>());

        Dictionary<string, IReadOnlyList<Figure>> figures = present.ToDictionary(contender => contender.Name, _ => (IReadOnlyList<Figure>)[]);
        string? answer = null;
        string answeredFirst = "";
        int repeats = prepared.IsLong ? 1 : options.Repeats;
        for (int repeat = prepared.IsLong ? 1 : 0; repeat <= repeats; repeat++)
        {
            progress.WriteLine(repeat == 0 ? $"{scenario.Name}: warming up" : $"{scenario.Name}: run {repeat} of {repeats}");
            foreach (Contender contender in present)
            {
                GC.Collect();
                TimeSpan processorBefore = ProcessorTime.Spent();
                long start = Stopwatch.GetTimestamp();
                string got = contender.Run();
                double took = Stopwatch.GetElapsedTime(start).TotalSeconds;
                double processor = (ProcessorTime.Spent() - processorBefore).TotalSeconds;
                if (contender.Expected is not null)
                {
                    Require(got == contender.Expected, $"{scenario.Name}: {contender.Name} gives a wrong answer:\n{got}\n{contender.Expected}");
                }
                else if (answer is null)
                {
                    (answer, answeredFirst) = (got, contender.Name);
                }
                else
                {
                    Require(got == answer, $"{scenario.Name}: {contender.Name} and {answeredFirst} answer differently:\n{got}\n{answer}");
                }

                if (repeat > 0)
                {
                    figures[contender.Name] = Worst(figures[contender.Name], contender.Figures?.Invoke() ?? []);
                    seconds[contender.Name].Add(took);
                    processorSeconds[contender.Name].Add(processor);
                }
            }
        }

        return new ScenarioResult(
            scenario.Name,
            scenario.Title,
            scenario.Against,
            prepared.Work,
            prepared.Unit,
            [.. prepared.Contenders.Select(contender => contender.Absent is null
                ? new Measurement(contender.Name, contender.Role, seconds[contender.Name], processorSeconds[contender.Name], null)
                {
                    Share = contender.Share,
                    Figures = figures[contender.Name],
                }
                : new Measurement(contender.Name, contender.Role, [], [], contender.Absent))]);
    }

    private static Figure[] Worst(IReadOnlyList<Figure> before, IReadOnlyList<Figure> now) =>
        [.. now.Select(figure => before.FirstOrDefault(each => each.Name == figure.Name) is { } known && known.Value > figure.Value ? known : figure)];

    private static void Require(bool isRight, string otherwise)
    {
        if (!isRight)
        {
            throw new InvalidOperationException(otherwise);
        }
    }
}
