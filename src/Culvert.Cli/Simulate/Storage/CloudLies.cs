using System.Globalization;
using Culvert.Simulation;
using Culvert.Storage;

namespace Culvert.Cli.Simulate;

/// <summary>In what ways a faulty cloud is faulty.</summary>
[Flags]
internal enum LieKinds
{
    None = 0,
    Lose = 1 << 0,
    Flip = 1 << 1,
    ServeOld = 1 << 2,
    ServeAnother = 1 << 3,
    ListTooLittle = 1 << 4,
    ListTooMuch = 1 << 5,
    ForgetPuts = 1 << 6,
    PlantLeases = 1 << 7,
    Down = 1 << 8,
    Slow = 1 << 9,
    Full = 1 << 10,
    RollBack = 1 << 11,
}

/// <summary>A cloud that lies: each lie is told with some probability, from the seed.</summary>
/// <param name="cloud">Which.</param>
/// <param name="kinds">The ways.</param>
/// <param name="probability">How often.</param>
/// <param name="rollback">When it is rolled back, and to what time.</param>
internal sealed class CloudLies(SimulatedCloud cloud, LieKinds kinds, double probability, (TimeSpan From, TimeSpan To) rollback)
{
    private static readonly LieKinds[] s_all = [.. Enum.GetValues<LieKinds>().Where(kind => kind != LieKinds.None)];

    private static readonly Dictionary<LieKinds, string> s_told = s_all.ToDictionary(kind => kind, kind => $"lie told: {kind}");

    private Dice Dice => cloud.Dice;

    /// <summary>One to three ways, often or always.</summary>
    internal static CloudLies Draw(SimulatedCloud cloud)
    {
        LieKinds kinds = LieKinds.None;
        for (int ways = cloud.Dice.Between(1, 3); ways > 0; ways--)
        {
            kinds |= cloud.Dice.Pick(s_all);
        }

        return new CloudLies(cloud, kinds, cloud.Dice.Chance(0.5) ? 1 : 0.4, DrawRollback(cloud.World, cloud.Dice));
    }

    /// <summary>Goes back to a time, as others do, and does nothing else.</summary>
    internal static CloudLies RollingBack(SimulatedCloud cloud, (TimeSpan From, TimeSpan To) rollback) => new(cloud, LieKinds.RollBack, 1, rollback);

    /// <summary>From when on a cloud shows what it had when.</summary>
    internal static (TimeSpan From, TimeSpan To) DrawRollback(World world, Dice dice)
    {
        TimeSpan ahead = dice.Between(TimeSpan.Zero, TimeSpan.FromSeconds(4));
        return (world.Now + ahead, world.Now + dice.Between(TimeSpan.Zero, ahead));
    }

    internal TimeSpan? Delay(Dice dice) => Tells(LieKinds.Slow) ? dice.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30)) : null;

    internal CloudFailure? Refuses() =>
        Tells(LieKinds.Down) ? new CloudFailure(CloudFailureKind.Unavailable, $"{cloud.Name} is down") : null;

    /// <summary>Why a put is refused.</summary>
    internal CloudFailure? RefusesPut() =>
        Tells(LieKinds.Full) ? new CloudFailure(CloudFailureKind.Full, $"{cloud.Name} is full") : null;

    internal bool Forgets() => Tells(LieKinds.ForgetPuts);

    internal byte[]? Read(string name, byte[]? honest)
    {
        if (honest is not null && Tells(LieKinds.Lose))
        {
            return null;
        }

        if (IsBack && cloud.Find(name, rollback.To) is var before && before != honest && Tells(LieKinds.RollBack))
        {
            return before;
        }

        if (Tells(LieKinds.ServeOld) && cloud.Past(name) is { Count: > 0 } past)
        {
            return past[0];
        }

        if (name.Contains("/l/", StringComparison.Ordinal) && honest is null && kinds.HasFlag(LieKinds.PlantLeases))
        {
            cloud.World.Saw(s_told[LieKinds.PlantLeases]);
            return Another("/l/", null);
        }

        if (Tells(LieKinds.ServeAnother))
        {
            return Another(Folder(name), honest);
        }

        if (honest is { Length: > 0 } && Tells(LieKinds.Flip))
        {
            byte[] flipped = [.. honest];
            flipped[Dice.Below(flipped.Length)] ^= (byte)(1 << Dice.Below(8));
            return flipped;
        }

        return honest;
    }

    internal IEnumerable<(string Name, int Bytes)> List(string prefix, IEnumerable<(string Name, int Bytes)> honest)
    {
        List<(string Name, int Bytes)> told = [.. IsBack && Tells(LieKinds.RollBack) ? cloud.List(prefix, rollback.To) : honest];
        if (told.Count > 0 && Tells(LieKinds.ListTooLittle))
        {
            told.RemoveAt(Dice.Below(told.Count));
        }

        if (Tells(LieKinds.ListTooMuch))
        {
            told.Add((prefix + (long.MaxValue - Dice.Between(1, 1000)).ToString("x16", CultureInfo.InvariantCulture), 100));
            told.Add((prefix + "zz", 0));
        }

        if (kinds.HasFlag(LieKinds.PlantLeases) && prefix.EndsWith("/l/", StringComparison.Ordinal))
        {
            told.Add((prefix + "00000000000000aa-000000000000000000000000000000aa", 200));
        }

        return told;
    }

    private static string Folder(string name) => name.Contains("/b/", StringComparison.Ordinal) ? "/b/" : name.Contains("/m/", StringComparison.Ordinal) ? "/m/" : name[..2];

    /// <summary>Bytes of another object of the same sort.</summary>
    private byte[]? Another(string folder, byte[]? honest)
    {
        string[] names = [.. cloud.Names.Where(name => name.Contains(folder, StringComparison.Ordinal))];
        return names.Length == 0 ? honest : cloud.Past(Dice.Pick(names)) is [.., var other] ? other : honest;
    }

    private bool IsBack => cloud.World.Now > rollback.From;

    private bool Tells(LieKinds kind)
    {
        if (!kinds.HasFlag(kind) || !Dice.Chance(probability))
        {
            return false;
        }

        cloud.World.Saw(s_told[kind]);
        return true;
    }
}
