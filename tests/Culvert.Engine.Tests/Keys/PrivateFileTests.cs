using Culvert.Sealing;

namespace Culvert.Engine.Tests.Keys;

public sealed class PrivateFileTests : IDisposable
{
    private const int Makers = 4;
    private const int Races = 200;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("culvert-private-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Of_several_that_make_a_file_at_once_exactly_one_does_and_its_content_stays()
    {
        byte[] winners = new byte[Races];
        int[] won = new int[Races];
        using Barrier barrier = new(Makers);
        Thread[] makers = [.. Enumerable.Range(1, Makers).Select(maker => new Thread(() =>
        {
            using Secret content = Secret.CopyOf([(byte)maker]);
            for (int race = 0; race < Races; race++)
            {
                barrier.SignalAndWait();
                try
                {
                    PrivateFile.Create(PathOf(race), content);
                    Interlocked.Increment(ref won[race]);
                    winners[race] = (byte)maker;
                }
                catch (OwnerKeyException failure) when (failure.Message.Contains("is there already", StringComparison.Ordinal))
                {
                    // Another was first.
                }
            }
        }))];

        Array.ForEach(makers, maker => maker.Start());
        Array.ForEach(makers, maker => maker.Join());

        Assert.All(won, count => Assert.Equal(1, count));
        Assert.All(Enumerable.Range(0, Races), race => Assert.Equal([winners[race]], File.ReadAllBytes(PathOf(race))));
        Assert.Equal(Races, _folder.GetFiles().Length);
    }

    private string PathOf(int race) => Path.Join(_folder.FullName, $"{race}.key");
}
