using Culvert.Benchmarks.Provisioning;
using Culvert.Benchmarks.SecureStreams;

namespace Culvert.Benchmarks.Tests;

public class ProvisioningTests
{
    private static readonly string s_program = Path.ChangeExtension(typeof(SecureStreamsBenchmark).Assembly.Location, null);

    [Fact]
    public async Task Enclaves_that_start_at_once_all_get_their_keys_and_give_the_answer_that_others_give()
    {
        ProvisioningFigures figures = await ProvisioningProbe.MeasureAsync(new ProvisioningOptions(Enclaves: 3, Repeats: 1, Rows: 70_000, Times: 1), s_program);

        Assert.Equal(3, figures.Enclaves);
        Assert.InRange(figures.KeysSeconds, double.Epsilon, figures.ReadySeconds);
        Assert.Equal((Path.GetFileName(s_program), 1), (figures.Program, figures.RowsPerProcessorSecondRatios.Count));
        Assert.True(double.IsFinite(figures.RowsPerSecondRatio) && figures.RowsPerSecondRatio > 0 && figures.RowsPerProcessorSecondRatio > 0);
    }

    [Theory]
    [InlineData("--enclaves")]
    [InlineData("--enclaves", "0")]
    [InlineData("--enclaves", "65")]
    [InlineData("--rows", "5")]
    public void Arguments_without_sense_are_refused(params string[] arguments) => Assert.Null(ProvisioningOptions.Parse(arguments));

    [Fact]
    public void Arguments_change_what_they_name() =>
        Assert.Equal(new ProvisioningOptions(Enclaves: 4, Repeats: 1), ProvisioningOptions.Parse(["--enclaves", "4", "--repeats", "1"]));
}
