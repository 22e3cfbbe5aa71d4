namespace Culvert.Benchmarks;

/// <summary>Contenders of this process that tell what they allocate.</summary>
internal static class Allocations
{
    /// <summary>A contender whose figures tell the bytes it allocated per event, compiling the job and taking the result in included.</summary>
    public static Contender Counted(string name, double events, Func<string> run)
    {
        double perEvent = 0;
        return new Contender(name, ContenderRole.Culvert, () =>
        {
            long before = GC.GetTotalAllocatedBytes(precise: true);
            string answer = run();
            perEvent = (GC.GetTotalAllocatedBytes(precise: true) - before) / events;
            return answer;
        })
        {
            Figures = () => [new Figure("allocated per event", perEvent, "bytes")],
        };
    }
}
