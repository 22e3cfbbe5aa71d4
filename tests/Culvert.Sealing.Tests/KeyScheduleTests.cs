using Culvert.Sealing;

namespace Culvert.Sealing.Tests;

public sealed class KeyScheduleTests
{
    private static readonly PlanDigest s_plan = PlanDigest.FromBytes(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());

    [Fact]
    public void No_two_purposes_share_a_key()
    {
        using Secret owner = Secret.CopyOf(new byte[32]);
        using Secret run = KeySchedule.RunKey(owner, new RunId(1), s_plan);

        Secret[] keys =
        [
            run,
            KeySchedule.RunKey(owner, new RunId(2), s_plan),
            KeySchedule.FileKey(owner, new StreamId(1)),
            KeySchedule.FileKey(owner, new StreamId(2)),
            KeySchedule.StateKey(owner, s_plan, new StageId(0)),
            KeySchedule.StateKey(owner, s_plan, new StageId(1)),
            KeySchedule.EdgeKey(run, new EdgeId(0), new KeyEpoch(0)),
            KeySchedule.EdgeKey(run, new EdgeId(0), new KeyEpoch(1)),
            KeySchedule.EdgeKey(run, new EdgeId(1), new KeyEpoch(0)),
            KeySchedule.DispatchKey(run, new EdgeId(0)),
            KeySchedule.InstanceKey(run, new InstanceSalt(1), []),
            KeySchedule.InstanceKey(run, new InstanceSalt(2), []),
        ];

        Assert.Equal(keys.Length, keys.Select(k => Convert.ToHexString(k.Bytes)).Distinct().Count());
    }
}
