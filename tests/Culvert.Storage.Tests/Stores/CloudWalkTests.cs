namespace Culvert.Storage.Tests;

public class CloudWalkTests
{
    private readonly List<string> _visited = [];

    [Fact]
    public async Task Pages_are_followed_to_the_end()
    {
        Assert.True((await WalkAsync(["u/a", "u/b"], ["u/c"])).Value);
        Assert.Equal(["u/a", "u/b", "u/c"], _visited);
    }

    [Fact]
    public async Task Names_that_were_not_asked_for_come_twice_or_out_of_order_are_passed_over()
    {
        Assert.True((await WalkAsync(["u/b", "u/b", "u/a", "v/x", "h/u", "u/c"], ["u/c", "u/b", "u/d"])).Value);
        Assert.Equal(["u/b", "u/c", "u/d"], _visited);
    }

    [Fact]
    public async Task A_page_without_anything_new_ends_it_and_so_do_too_many()
    {
        Assert.False((await WalkAsync(["u/a"], ["u/a"], ["u/b"])).Value);
        Assert.Equal(["u/a"], _visited);
        Assert.False((await WalkAsync(["u/a"], ["u/b"], ["u/c"], ["u/d"])).Value);
        Assert.Equal(["u/a", "u/a", "u/b", "u/c"], _visited);
    }

    [Fact]
    public async Task A_page_that_is_not_to_be_had_is_a_failure()
    {
        Assert.Equal(CloudFailureKind.Unavailable, (await WalkAsync(["u/a"], [])).Failure?.Kind);
    }

    private ValueTask<CloudOutcome<bool>> WalkAsync(params string[][] pages) =>
        CloudWalk.ForEachAsync(new PagedCloud(pages), "u/", 3, entry => _visited.Add(entry.Name), TestContext.Current.CancellationToken);

    /// <summary>Lists pages as they are; an empty one is a failure.</summary>
    private sealed class PagedCloud(string[][] pages) : ICloud
    {
        private int _next;

        public string Name => "paged";

        public CloudTraits Traits => default;

        public ValueTask<CloudOutcome<CloudListing>> ListAsync(string prefix, string? after, CancellationToken cancellationToken)
        {
            string[] page = pages[_next++];
            return new(page.Length == 0
                ? new CloudFailure(CloudFailureKind.Unavailable, "gone")
                : new CloudListing([.. page.Select(name => new CloudEntry(name, 1))], HasMore: _next < pages.Length));
        }

        public ValueTask<CloudOutcome<CloudDone>> CreateAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<CloudOutcome<CloudRead>> GetAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<CloudOutcome<CloudDone>> PutAsync(string name, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<CloudOutcome<CloudDone>> RemoveAsync(string name, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
