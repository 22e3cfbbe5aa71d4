using Culvert.Cli.Commands.Stores;

namespace Culvert.Cli.Tests.Stores;

public class ByteRangeTests
{
    [Theory]
    [InlineData("0-0", 10, 0, 1)]
    [InlineData("3-5", 10, 3, 6)]
    [InlineData("3-", 10, 3, 10)]
    [InlineData("-3", 10, 7, 10)]
    [InlineData("-30", 10, 0, 10)]
    [InlineData("9-99", 10, 9, 10)]
    [InlineData("10-", 10, 10, 10)]
    [InlineData("50-60", 10, 10, 10)]
    [InlineData("0-9223372036854775807", 10, 0, 10)]
    public void A_range_lies_within_what_is_there(string text, long bytes, long from, long to) =>
        Assert.Equal((from, to), ByteRange.TryParse(text)!.Within(bytes));

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("5")]
    [InlineData("5-4")]
    [InlineData("1-2-3")]
    [InlineData("a-b")]
    [InlineData(" 1-2")]
    [InlineData("1-99999999999999999999")]
    public void What_is_no_range_is_refused(string text) => Assert.Null(ByteRange.TryParse(text));
}
