using Culvert.Benchmarks.Paging;
using Culvert.Stages;

namespace Culvert.Benchmarks.Tests;

public class PagedStateScenarioTests
{
    [Theory]
    [InlineData(0.2, KeyDistribution.Zipf)]
    [InlineData(4, KeyDistribution.Zipf)]
    [InlineData(4, KeyDistribution.Uniform)]
    public void Counts_of_a_state_beyond_its_budget_are_those_of_one_without(double stateToBudget, KeyDistribution distribution)
    {
        const long BudgetBytes = 1 << 20;
        const long Events = 2_500_000;
        PagedStateResult paged = PagedStateScenario.Run(BudgetBytes, stateToBudget, distribution, Events, withAnswer: true);
        PagedStateResult plain = PagedStateScenario.Run(BudgetBytes, stateToBudget, distribution, Events, withinBudget: false, withAnswer: true);

        Assert.NotEqual(0, plain.Answer);
        Assert.Equal(plain.Answer, paged.Answer);
        Assert.Equal(plain.Events, paged.Events);
        Assert.Equal(stateToBudget > 1, paged.PagesIn > 0);
        Assert.InRange(paged.ResidentBytesPeak, 1, BudgetBytes + StateBudget.SlackBytes);
        Assert.Equal(0, plain.PagesIn);
    }
}
