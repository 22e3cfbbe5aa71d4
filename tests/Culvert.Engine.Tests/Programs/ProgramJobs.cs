using System.Globalization;
using Culvert.Engine.Tests.Samples;
using Culvert.Streams;

namespace Culvert.Engine.Tests.Programs;

/// <summary>The jobs of the program that tests start: <c>--set job=…</c> says which.</summary>
internal static class ProgramJobs
{
    /// <summary>A variable on which a job wrongly depends.</summary>
    internal const string Variable = "CULVERT_TEST_LIMIT";

    internal static Job Define(JobContext context) => context.Parameter("job", "") switch
    {
        "delegates" => Delegates(context),
        "windows" => Windows(context),
        "where" => Where(context),
        "copy" => Visits(context).To(context.Output).AsJob("copy"),
        "late-carriers" => new LateCarriers().Define(context),
        "loose" => Source.FromCsv<LooseVisit>(context.Inputs).To(context.Output).AsJob("loose"),
        "variable" => Variables(context),
        "file" => Files(context),
        string other => throw new JobDefinitionException($"there is no job '{other}'"),
    };

    /// <summary>Methods, a delegate with captured values, a fold over a class, and a lambda with a captured value.</summary>
    private static Job Delegates(JobContext context)
    {
        long least = long.Parse(context.Parameter("least", "0"), CultureInfo.InvariantCulture);
        string[] hidden = ["garage", "attic"];
        Func<Visit, bool> isShown = v => !hidden.Contains(v.Room);
        return Visits(context)
            .Where(IsLit)
            .Where(isShown)
            .Where(v => v.Minutes >= least)
            .GroupBy(v => v.Room)
            .Aggregate(new Extremes(), Wider, (room, e) => new { room, e.Visits, e.Least, e.Most })
            .Select(r => new { r.room, r.Visits, label = Label(r.room, r.Least, r.Most) })
            .To(context.Output)
            .AsJob("delegates");
    }

    private static Job Windows(JobContext context) => Visits(context)
        .WithEventTime(v => v.Time, disorder: TimeSpan.FromHours(1))
        .GroupBy(v => v.Room)
        .Window(WindowSpec.Tumbling(TimeSpan.FromHours(6)))
        .Aggregate(g => new { room = g.Key, from = g.WindowStart, visits = g.Count(), minutes = g.Sum(v => v.Minutes) })
        .To(context.Output)
        .AsJob("windows");

    /// <summary>In which process the operators are, and whether a file that this process could read is out of their reach.</summary>
    private static Job Where(JobContext context)
    {
        string path = context.Parameter("path", "");
        Func<Visit, Place> find = v => new Place(v.Room, Environment.ProcessId, Role(), File.Exists(path));
        return Visits(context).PartitionBy(v => v.Minutes, 2).Select(find).To(context.Output).AsJob("where");
    }

    private static Job Variables(JobContext context)
    {
        string limit = Environment.GetEnvironmentVariable(Variable) ?? "none";
        return Visits(context).Where(v => v.Room != limit).RoundRobin(2).To(context.Output).AsJob("variable");
    }

    private static Job Files(JobContext context)
    {
        string limit = File.ReadAllText(context.Inputs[0])[..4];
        return Visits(context).Where(v => v.Room != limit).RoundRobin(2).To(context.Output).AsJob("file");
    }

    private static Stream<Visit> Visits(JobContext context) => Source.FromCsv<Visit>(context.Inputs);

    private static bool IsLit(Visit visit) => visit.Lit;

    private static Extremes Wider(Extremes so, Visit visit) => new()
    {
        Visits = so.Visits + 1,
        Least = so.Visits == 0 ? visit.Minutes : Math.Min(so.Least, visit.Minutes),
        Most = Math.Max(so.Most, visit.Minutes),
    };

    private static string Label(string room, long least, long most) => $"{room}: {least} to {most}";

    private static string Role() => Environment.GetCommandLineArgs().FirstOrDefault(a => a.StartsWith("--culvert-", StringComparison.Ordinal)) ?? "owner";

    internal sealed record Visit(string Room, DateTime Time, long Minutes, bool Lit);

    /// <summary>A visit of which anything may be missing.</summary>
    internal sealed record LooseVisit(string? Room, DateTime? Time, long? Minutes, bool? Lit);

    internal sealed record Place(string Room, int Process, string Role, bool SeesFile);

    internal sealed class Extremes
    {
        public long Visits { get; set; }

        public long Least { get; set; }

        public long Most { get; set; }
    }
}
