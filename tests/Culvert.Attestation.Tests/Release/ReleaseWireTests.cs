using System.Collections.Immutable;
using System.Text;

namespace Culvert.Attestation.Tests.Release;

public sealed class ReleaseWireTests : IDisposable
{
    private readonly PlayOwner _owner = new();
    private readonly PlayEnclave _enclave = new();
    private readonly StillClock _clock = new(Forge.CertificateForge.Now);

    [Fact]
    public async Task Every_message_is_read_as_it_was_written()
    {
        (ReleaseChallenge challenge, ReleaseRequest request, ReleaseAnswer answer) = await ExchangeAsync();
        ReleaseAsk ask = new() { Job = "a job, ünlike others", Plan = PlayOwner.Plan };

        Assert.Equal(ask, PlayOwner.Value(ReleaseWire.ReadAsk(ReleaseWire.WriteAsk(ask))));
        Assert.Equal(ReleaseWire.WriteChallenge(challenge), ReleaseWire.WriteChallenge(PlayOwner.Value(ReleaseWire.ReadChallenge(ReleaseWire.WriteChallenge(challenge)))));
        ReleaseRequest read = PlayOwner.Value(ReleaseWire.ReadRequest(ReleaseWire.WriteRequest(request)));
        Assert.Equal(ReleaseWire.WriteRequest(request), ReleaseWire.WriteRequest(read));
        Assert.Equal(request.Binding.ReportData(), read.Binding.ReportData());
        ReleaseAnswer given = PlayOwner.Value(ReleaseWire.ReadAnswer(ReleaseWire.WriteAnswer(answer)));
        Assert.Equal(answer.Result, given.Result);
        Assert.Equal(answer.Bundles.Select(b => (b.Key, Convert.ToHexString(b.Value.AsSpan()))), given.Bundles.Select(b => (b.Key, Convert.ToHexString(b.Value.AsSpan()))));
        ReleaseRefusal refusal = new(ReleaseCheck.NonceUsed, "words");
        Assert.Equal(refusal, PlayOwner.Value(ReleaseWire.ReadRefusal(ReleaseWire.WriteRefusal(refusal))));
        Assert.Equal("nonce.used: words", refusal.ToFailure().Message);
    }

    [Fact]
    public void Every_check_has_a_name_of_its_own_that_is_read_back()
    {
        ReleaseCheck[] checks = Enum.GetValues<ReleaseCheck>();

        Assert.Equal(checks.Length, checks.Select(ReleaseCheckName.Of).Distinct().Count());
        Assert.All(checks, check => Assert.Equal(check, ReleaseCheckName.Parse(ReleaseCheckName.Of(check))));
        Assert.Null(ReleaseCheckName.Parse("nonce"));
    }

    [Theory]
    [InlineData("""{"job":"a"}""")]
    [InlineData("""{"job":"a","plan":"00"}""")]
    [InlineData("""{"job":"","plan":"PLAN"}""")]
    [InlineData("""{"job":"a","plan":"PLAN","more":1}""")]
    [InlineData("""{"job":"a","job":"b","plan":"PLAN"}""")]
    [InlineData("""{"job":1,"plan":"PLAN"}""")]
    [InlineData("""{"job":"a","plan":"PLAN"} x""")]
    [InlineData("""["job"]""")]
    [InlineData("""null""")]
    [InlineData("")]
    public void An_ask_of_another_form_is_refused(string text) =>
        Assert.Equal(FailureKind.Malformed, ReleaseWire.ReadAsk(Encoding.UTF8.GetBytes(text.Replace("PLAN", PlayOwner.Plan.ToString(), StringComparison.Ordinal))).Failure?.Kind);

    [Fact]
    public async Task A_request_of_another_form_is_refused()
    {
        string text = Encoding.UTF8.GetString(ReleaseWire.WriteRequest((await ExchangeAsync()).Request));
        (string, string)[] flaws =
        [
            ("\"stages\":[0,1]", "\"stages\":[1,0]"),
            ("\"stages\":[0,1]", "\"stages\":[1,1]"),
            ("\"stages\":[0,1]", "\"stages\":[-1]"),
            ("\"stages\":[0,1]", "\"stages\":[0.5]"),
            ("\"epoch\":0", "\"epoch\":4096"),
            ("\"epoch\":0", "\"epoch\":-1"),
            ("\"run\":\"0", "\"run\":\"00"),
            ("\"evidence\":", "\"more\":1,\"evidence\":"),
            ("\"evidence\":{", "\"evidence\":{\"a\":7,"),
            ("\"evidence\":{", "\"evidence\":{\"a\":\"?\","),
            ("\"nonce\":\"", "\"nonce\":\"AAAA"),
            ("\"releaseKey\":\"", "\"releaseKey\":\"AAAA"),
            ("\"inputs\":\"", "\"inputs\":\"AA=="),
        ];

        Assert.True(ReleaseWire.ReadRequest(Encoding.UTF8.GetBytes(text)).Succeeded);
        Assert.All(flaws, flaw =>
        {
            string altered = text.Replace(flaw.Item1, flaw.Item2, StringComparison.Ordinal);
            Assert.NotEqual(text, altered);
            Assert.False(ReleaseWire.ReadRequest(Encoding.UTF8.GetBytes(altered)).Succeeded, flaw.Item2);
        });
    }

    [Fact]
    public async Task More_evidence_files_and_bytes_than_the_limits_are_refused()
    {
        ReleaseRequest request = (await ExchangeAsync()).Request;
        ReleaseRequest heavy = request with { Collateral = ImmutableSortedDictionary<string, ImmutableArray<byte>>.Empty.Add("c", [.. new byte[ReleaseLimits.EvidenceBytesMax]]) };
        ReleaseRequest many = request with { Collateral = Enumerable.Range(0, ReleaseLimits.FilesMax + 1).ToImmutableSortedDictionary(i => $"{i}", _ => ImmutableArray<byte>.Empty) };
        ReleaseRequest named = request with { Collateral = ImmutableSortedDictionary<string, ImmutableArray<byte>>.Empty.Add(new string('a', 129), []) };

        Assert.All(new[] { heavy, many, named }, flaw => Assert.False(ReleaseWire.ReadRequest(ReleaseWire.WriteRequest(flaw)).Succeeded));
        Assert.Equal(FailureKind.TooLarge, ReleaseWire.ReadRequest(new byte[ReleaseLimits.RequestBytesMax + 1]).Failure?.Kind);
    }

    [Fact]
    public async Task Mutated_messages_are_read_or_refused_and_never_throw()
    {
        (ReleaseChallenge challenge, ReleaseRequest request, ReleaseAnswer answer) = await ExchangeAsync();
        byte[][] seeds =
        [
            ReleaseWire.WriteAsk(new ReleaseAsk { Job = "j", Plan = PlayOwner.Plan }), ReleaseWire.WriteChallenge(challenge), ReleaseWire.WriteRequest(request),
            ReleaseWire.WriteAnswer(answer), ReleaseWire.WriteRefusal(new ReleaseRefusal(ReleaseCheck.Tcb, "w")),
        ];
        Random random = new(20260101);
        int read = 0;
        for (int round = 0; round < (Nightly.IsOn ? 1_000_000 : 4_000); round++)
        {
            byte[] message = [.. seeds[round % seeds.Length]];
            for (int flips = random.Next(1, 4); flips > 0; flips--)
            {
                message[random.Next(message.Length)] = (byte)random.Next(256);
            }

            message = random.Next(4) == 0 ? message[..random.Next(message.Length)] : message;
            read += (ReleaseWire.ReadAsk(message).Succeeded ? 1 : 0) + (ReleaseWire.ReadChallenge(message).Succeeded ? 1 : 0) + (ReleaseWire.ReadRequest(message).Succeeded ? 1 : 0)
                + (ReleaseWire.ReadAnswer(message).Succeeded ? 1 : 0) + (ReleaseWire.ReadRefusal(message).Succeeded ? 1 : 0);
        }

        Assert.True(read > 0, "some mutations alter only what a value is, and are read");
    }

    public void Dispose()
    {
        _owner.Dispose();
        _enclave.Dispose();
    }

    private async Task<(ReleaseChallenge Challenge, ReleaseRequest Request, ReleaseAnswer Answer)> ExchangeAsync()
    {
        using KeyBrokerCore core = _owner.Broker(_clock);
        PlayOwner.Value(await core.TakeAsync(_owner.History(_owner.First()), TestContext.Current.CancellationToken));
        ReleaseChallenge challenge = PlayOwner.Value(await core.ChallengeAsync(new ReleaseAsk { Job = _owner.Job, Plan = PlayOwner.Plan }, TestContext.Current.CancellationToken));
        ReleaseRequest request = PlayEnclave.Simulated(_enclave.Bind(challenge, _owner.Job, 0, 1), _owner.Development);
        return (challenge, request, PlayOwner.Value(await core.ReleaseAsync(request, TestContext.Current.CancellationToken)));
    }
}
