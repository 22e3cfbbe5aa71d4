namespace Culvert.Benchmarks.Tests;

public class ArgumentsTests
{
    [Fact]
    public void Every_option_is_read() =>
        Assert.Equal(
            new BenchmarkOptions { Rows = 10, Repeats = 3, Only = "flights", Report = "r.html", Save = true },
            Arguments.Parse(["--rows", "10", "--save", "--only", "flights", "--repeats", "3", "--report", "r.html"]));

    [Theory]
    [InlineData("--rows")]
    [InlineData("--rows", "0")]
    [InlineData("--rows", "many")]
    [InlineData("--repeats", "-1")]
    [InlineData("--colour", "red")]
    public void What_makes_no_sense_is_refused(params string[] arguments) => Assert.Null(Arguments.Parse(arguments));
}
