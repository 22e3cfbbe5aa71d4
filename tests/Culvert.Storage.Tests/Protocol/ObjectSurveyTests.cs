namespace Culvert.Storage.Tests;

public class ObjectSurveyTests
{
    [Fact]
    public void Every_cloud_is_asked_and_waited_for()
    {
        (ObjectSurvey core, CoreHand<Survey> hand) = Begin();
        for (int slot = 3; slot > 0; slot--)
        {
            hand.Bring(slot, "o", Right);
            Assert.Null(core.Result);
        }

        hand.Bring(0, "o", Right);
        Assert.All(core.Result!.Answers, answer => Assert.Equal([1], answer.Fitting!.Value.ToArray()));
    }

    [Fact]
    public void Wrong_bytes_and_too_many_are_altered_and_kept_and_what_is_not_there_is_lost()
    {
        SurveyAnswer[] answers = Ask(
            CloudReply.Of(new byte[] { 9 }), CloudReply.TooLong("it has 2^30 bytes", new byte[] { 8 }), CoreHand<Survey>.Absent, Right);
        Assert.Equal([ChargeKind.Altered, ChargeKind.Altered, ChargeKind.Lost, null], answers.Select(answer => answer.Charge));
        Assert.Equal(["wrong", "it has 2^30 bytes", "it is not there", ""], answers.Select(answer => answer.Message));
        Assert.Equal([9, 8], answers.Take(2).Select(answer => answer.Held.Span[0]));
        Assert.All(answers.Take(3), answer => Assert.Null(answer.Fitting));
    }

    [Fact]
    public void Each_slot_is_held_to_its_own_bytes()
    {
        ObjectSurvey core = new(new Quorum(1), new BlockWish("o", 2, 1, false, (slot, bytes) => bytes.Span[0] == slot ? null : "another's"));
        CoreHand<Survey> hand = new CoreHand<Survey>(core).Start();
        for (int slot = 0; slot < 4; slot++)
        {
            hand.Bring(slot, "o", CloudReply.Of(new byte[] { (byte)(slot == 1 ? 2 : slot) }));
        }

        Assert.Equal(["", "another's", "", ""], core.Result!.Answers.Select(answer => answer.Message));
    }

    [Theory]
    [InlineData(CloudFailureKind.Unavailable)]
    [InlineData(CloudFailureKind.Refused)]
    [InlineData(CloudFailureKind.Full)]
    [InlineData(CloudFailureKind.Malformed)] // a login page in between, say: no object was given
    public void Nothing_is_charged_to_a_cloud_that_does_not_answer(CloudFailureKind kind)
    {
        SurveyAnswer[] answers = Ask(CloudReply.Of(new CloudFailure(kind, "no")), Right, Right, Right);
        Assert.Equal((null, "no", 0), (answers[0].Charge, answers[0].Message, answers[0].Held.Length));
    }

    private static CloudReply Right => CloudReply.Of(new byte[] { 1 });

    private static SurveyAnswer[] Ask(params CloudReply[] replies)
    {
        (ObjectSurvey core, CoreHand<Survey> hand) = Begin();
        for (int slot = 0; slot < 4; slot++)
        {
            hand.Bring(slot, "o", replies[slot]);
        }

        return [.. core.Result!.Answers];
    }

    private static (ObjectSurvey Core, CoreHand<Survey> Hand) Begin()
    {
        ObjectSurvey core = new(new Quorum(1), new BlockWish("o", 2, 1, false, (_, bytes) => bytes.Span[0] == 1 ? null : "wrong"));
        return (core, new CoreHand<Survey>(core).Start());
    }
}
