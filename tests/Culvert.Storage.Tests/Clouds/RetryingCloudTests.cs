namespace Culvert.Storage.Tests;

public sealed class RetryingCloudTests
{
    private readonly InstantClock _clock = new();
    private readonly ScriptedCloud _cloud = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_is_unavailable_is_asked_for_again_after_pauses_that_double_up_to_a_limit()
    {
        _cloud.Answers = _ => Failed(CloudFailureKind.Unavailable);
        CloudRetryOptions options = new() { AttemptsMax = 6, PauseBase = TimeSpan.FromMilliseconds(100), PauseMax = TimeSpan.FromMilliseconds(500) };
        RetryingCloud cloud = new(_cloud, options, _clock, new FullEntropy());

        Assert.Equal(CloudFailureKind.Unavailable, (await cloud.RemoveAsync("a", Cancel)).Failure?.Kind);
        Assert.Equal(6, _cloud.Calls);
        Assert.Equal([100, 200, 400, 500, 500], _clock.Pauses(options).Select(pause => Math.Round(pause.TotalMilliseconds)));
    }

    [Fact]
    public async Task Pauses_are_drawn_from_nothing_on()
    {
        _cloud.Answers = _ => Failed(CloudFailureKind.Unavailable);
        CloudRetryOptions options = new();
        await new RetryingCloud(_cloud, options, _clock, new NoEntropy()).RemoveAsync("a", Cancel);
        Assert.All(_clock.Pauses(options), pause => Assert.Equal(TimeSpan.Zero, pause));
    }

    [Theory]
    [InlineData(CloudFailureKind.Absent)]
    [InlineData(CloudFailureKind.Exists)]
    [InlineData(CloudFailureKind.Refused)]
    [InlineData(CloudFailureKind.Full)]
    [InlineData(CloudFailureKind.Malformed)]
    public async Task What_will_not_get_better_is_not_asked_for_again(CloudFailureKind kind)
    {
        _cloud.Answers = _ => Failed(kind);
        Assert.Equal(kind, (await Retrying().GetAsync("a", 0, new byte[1], Cancel)).Failure?.Kind);
        Assert.Equal(1, _cloud.Calls);
    }

    [Fact]
    public async Task An_attempt_that_takes_too_long_is_cancelled_and_its_end_is_waited_for()
    {
        bool ended = false;
        _cloud.Answers = async cancel =>
        {
            try
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, cancel);
            }
            finally
            {
                await Task.Yield();
                ended = true;
            }

            return null;
        };
        RetryingCloud cloud = Retrying(new CloudRetryOptions { AttemptsMax = 1, AttemptTimeout = TimeSpan.FromSeconds(7) });
        CloudOutcome<CloudDone> outcome = await cloud.RemoveAsync("a", Cancel);
        Assert.Equal(new CloudFailure(CloudFailureKind.Unavailable, "scripted: remove 'a': no answer within 7 s"), outcome.Failure);
        Assert.True(ended);
    }

    [Fact]
    public async Task Bytes_lengthen_the_time_of_an_attempt()
    {
        CloudRetryOptions options = new() { AttemptTimeout = TimeSpan.FromSeconds(10), BytesPerSecondMin = 1 << 20 };
        _clock.IsStill = true;
        await Retrying(options).PutAsync("a", new byte[5 << 20], PutCondition.Always, Cancel);
        Assert.Equal([TimeSpan.FromSeconds(15)], _clock.Delays);
    }

    [Fact]
    public async Task A_conditional_put_after_a_lost_answer_knows_its_own_bytes()
    {
        MemoryCloud memory = new("memory");
        await memory.CreateAsync(Cancel);
        LossyCloud lossy = new(memory);
        RetryingCloud cloud = new(lossy, new CloudRetryOptions(), _clock, new FullEntropy());
        _clock.IsStill = false;

        Assert.True((await cloud.PutAsync("a", "mine"u8.ToArray(), PutCondition.IfAbsent, Cancel)).Succeeded);
        lossy.LostAnswers = 1;
        Assert.Equal(CloudFailureKind.Exists, (await cloud.PutAsync("a", "mint"u8.ToArray(), PutCondition.IfAbsent, Cancel)).Failure?.Kind);
        lossy.LostAnswers = 1;
        Assert.Equal(CloudFailureKind.Exists, (await cloud.PutAsync("a", "min"u8.ToArray(), PutCondition.IfAbsent, Cancel)).Failure?.Kind);
        Assert.Equal("mine"u8.ToArray(), memory.Content["a"]);
    }

    [Fact]
    public async Task A_conditional_put_whose_first_answer_says_exists_is_not_read_back()
    {
        MemoryCloud memory = new("memory");
        await memory.CreateAsync(Cancel);
        RetryingCloud cloud = new(memory, new CloudRetryOptions(), _clock, new FullEntropy());
        await cloud.PutAsync("a", "same"u8.ToArray(), PutCondition.IfAbsent, Cancel);
        Assert.Equal(CloudFailureKind.Exists, (await cloud.PutAsync("a", "same"u8.ToArray(), PutCondition.IfAbsent, Cancel)).Failure?.Kind);
    }

    [Fact]
    public async Task A_cancelled_caller_waits_for_no_pause()
    {
        using CancellationTokenSource cancel = new();
        _cloud.Answers = _ =>
        {
            cancel.Cancel();
            return Failed(CloudFailureKind.Unavailable);
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Retrying().RemoveAsync("a", cancel.Token));
        Assert.Equal(1, _cloud.Calls);
    }

    [Fact]
    public async Task An_object_that_is_too_long_is_a_programming_error() =>
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(
            async () => await Retrying().PutAsync("a", new byte[CloudLimits.ObjectBytesMax + 1], PutCondition.Always, Cancel));

    private RetryingCloud Retrying(CloudRetryOptions? options = null) => new(_cloud, options ?? new CloudRetryOptions(), _clock, new FullEntropy());

    private static Task<CloudFailure?> Failed(CloudFailureKind kind) => Task.FromResult<CloudFailure?>(new CloudFailure(kind, "as told"));

    /// <summary>All delays pass at once, in the order in which they were asked for; or never, and are noted all the same.</summary>
    private sealed class InstantClock : IClock
    {
        private readonly List<TimeSpan> _delays = [];

        public bool IsStill { get; set; }

        public IReadOnlyList<TimeSpan> Delays => _delays;

        public DateTimeOffset UtcNow => default;

        public TimeSpan Elapsed => default;

        public Task Delay(TimeSpan delay, CancellationToken cancellationToken)
        {
            _delays.Add(delay);
            cancellationToken.ThrowIfCancellationRequested();
            return IsStill ? Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken) : Task.CompletedTask;
        }

        public IEnumerable<TimeSpan> Pauses(CloudRetryOptions options) => _delays.Where(delay => delay < options.AttemptTimeout);
    }

    private sealed class FullEntropy : IEntropy
    {
        public void Fill(Span<byte> destination) => destination.Fill(0xFF);
    }

    private sealed class NoEntropy : IEntropy
    {
        public void Fill(Span<byte> destination) => destination.Clear();
    }

    private sealed class ScriptedCloud : ICloud
    {
        public Func<CancellationToken, Task<CloudFailure?>> Answers { get; set; } = _ => Task.FromResult<CloudFailure?>(null);

        public int Calls { get; private set; }

        public string Name => "scripted";

        public CloudTraits Traits => default;

        public ValueTask<CloudOutcome<CloudDone>> CreateAsync(CancellationToken cancellationToken) => AnswerAsync(default(CloudDone), cancellationToken);

        public ValueTask<CloudOutcome<CloudListing>> ListAsync(string prefix, string? after, CancellationToken cancellationToken) =>
            AnswerAsync(new CloudListing([], false), cancellationToken);

        public ValueTask<CloudOutcome<CloudRead>> GetAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
            AnswerAsync(default(CloudRead), cancellationToken);

        public ValueTask<CloudOutcome<CloudDone>> PutAsync(
            string name, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellationToken) =>
            AnswerAsync(default(CloudDone), cancellationToken);

        public ValueTask<CloudOutcome<CloudDone>> RemoveAsync(string name, CancellationToken cancellationToken) =>
            AnswerAsync(default(CloudDone), cancellationToken);

        private async ValueTask<CloudOutcome<T>> AnswerAsync<T>(T value, CancellationToken cancellationToken)
        {
            Calls++;
            CloudFailure? failure = await Answers(cancellationToken);
            return failure is null ? value : failure;
        }
    }

    /// <summary>Does what it is told, and loses answers to puts.</summary>
    private sealed class LossyCloud(ICloud inner) : ICloud
    {
        public int LostAnswers { get; set; } = 1;

        public string Name => inner.Name;

        public CloudTraits Traits => inner.Traits;

        public ValueTask<CloudOutcome<CloudDone>> CreateAsync(CancellationToken cancellationToken) => inner.CreateAsync(cancellationToken);

        public ValueTask<CloudOutcome<CloudListing>> ListAsync(string prefix, string? after, CancellationToken cancellationToken) =>
            inner.ListAsync(prefix, after, cancellationToken);

        public ValueTask<CloudOutcome<CloudRead>> GetAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
            inner.GetAsync(name, offset, destination, cancellationToken);

        public async ValueTask<CloudOutcome<CloudDone>> PutAsync(
            string name, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellationToken)
        {
            CloudOutcome<CloudDone> outcome = await inner.PutAsync(name, content, condition, cancellationToken);
            return LostAnswers-- > 0 ? new CloudFailure(CloudFailureKind.Unavailable, "the answer was lost") : outcome;
        }

        public ValueTask<CloudOutcome<CloudDone>> RemoveAsync(string name, CancellationToken cancellationToken) => inner.RemoveAsync(name, cancellationToken);
    }
}
