using Culvert.Simulation;
using Culvert.Storage;

namespace Culvert.Cli.Simulate;

/// <summary>A bug that is planted around the store, to see that the scenario finds it. What is not overridden is right.</summary>
internal abstract class StorageFlaw
{
    /// <summary>All of them, by name.</summary>
    internal static IReadOnlyDictionary<string, StorageFlaw> All { get; } = new SortedDictionary<string, StorageFlaw>(StringComparer.Ordinal)
    {
        ["puts are confirmed before they are done"] = new EarlyConfirmation(),
        ["one cloud more than f is faulty"] = new OneTooMany(),
        ["clocks differ by more than the margin"] = new WildClocks(),
        ["lists and heads are answered from a cache"] = new CachedMetadata(),
        ["a client forgets the newest metadata that it has seen"] = new ForgetfulClient(),
        ["metadata is put over what is there"] = new OverwrittenMetadata(),
        ["one answer fewer than n - f is enough"] = new OneTooFew(),
        ["metadata leaves before its value is kept"] = new HastyMetadata(),
        ["the first metadata counts, and not the newest"] = new FirstMetadata(),
        ["a cloud is replaced without new keys"] = new CopiedCloud(),
        ["collecting removes a version that is kept"] = new GreedyCollection(),
    };

    /// <summary>The clouds as a flawed client sees them.</summary>
    internal virtual IReadOnlyList<ICloud> Alter(IReadOnlyList<ICloud> clouds, SimulatedNode node) => [.. clouds.Select(cloud => Alter(cloud, node))];

    /// <summary>A client's folder as a flawed client sees it.</summary>
    internal virtual IBlobs Alter(IBlobs state) => state;

    /// <summary>How many more clouds are faulty than may be, although everything is claimed.</summary>
    internal virtual int ExtraFaults => 0;

    /// <summary>In what share of worlds more clouds lie than may.</summary>
    internal virtual double OverrunShare => 1.0 / 7;

    /// <summary>By what factor clocks differ more than they may.</summary>
    internal virtual int ClockFactor => 1;

    /// <summary>It replaces clouds in its own way.</summary>
    internal virtual bool Replaces => false;

    /// <summary>Replaces a cloud; called when <see cref="Replaces"/>.</summary>
    internal virtual ValueTask<Outcome<int>> ReplaceAsync(Store store, IReadOnlyList<ICloud> clouds, StoreKeys owner, string old, CloudPlace place) =>
        throw new NotSupportedException();

    protected virtual ICloud Alter(ICloud cloud, SimulatedNode node) => cloud;

    private sealed class OneTooMany : StorageFlaw
    {
        internal override int ExtraFaults => 1;
    }

    private sealed class WildClocks : StorageFlaw
    {
        internal override int ClockFactor => 100;
    }

    private sealed class EarlyConfirmation : StorageFlaw
    {
        protected override ICloud Alter(ICloud cloud, SimulatedNode node) => new Eager(cloud, node);

        private sealed class Eager(ICloud inner, SimulatedNode node) : AlteredCloud(inner)
        {
            public override ValueTask<CloudOutcome<CloudDone>> PutAsync(
                string name, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellationToken)
            {
                byte[] copy = content.ToArray();
                node.After(TimeSpan.FromSeconds(1), () => _ = Inner.PutAsync(name, copy, condition, CancellationToken.None).AsTask());
                return ValueTask.FromResult<CloudOutcome<CloudDone>>(default(CloudDone));
            }
        }
    }

    private sealed class CachedMetadata : StorageFlaw
    {
        protected override ICloud Alter(ICloud cloud, SimulatedNode node) => new Caching(cloud, node);

        private sealed class Caching(ICloud inner, SimulatedNode node) : AlteredCloud(inner)
        {
            private static readonly TimeSpan s_age = TimeSpan.FromSeconds(2);

            private readonly Dictionary<string, (TimeSpan At, CloudOutcome<CloudListing> Listing)> _lists = new(StringComparer.Ordinal);
            private readonly Dictionary<string, (TimeSpan At, CloudOutcome<CloudRead> Read, byte[] Bytes)> _heads = new(StringComparer.Ordinal);

            public override async ValueTask<CloudOutcome<CloudListing>> ListAsync(string prefix, string? after, CancellationToken cancellationToken)
            {
                if (_lists.TryGetValue(prefix, out (TimeSpan At, CloudOutcome<CloudListing> Listing) kept) && node.World.Now - kept.At < s_age)
                {
                    return kept.Listing;
                }

                CloudOutcome<CloudListing> listing = await Inner.ListAsync(prefix, after, cancellationToken).ConfigureAwait(false);
                _lists[prefix] = (node.World.Now, listing);
                return listing;
            }

            public override async ValueTask<CloudOutcome<CloudRead>> GetAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken)
            {
                bool isHead = name.StartsWith("h/", StringComparison.Ordinal) && offset == 0;
                if (isHead && _heads.TryGetValue(name, out (TimeSpan At, CloudOutcome<CloudRead> Read, byte[] Bytes) kept)
                    && node.World.Now - kept.At < s_age && kept.Bytes.Length <= destination.Length)
                {
                    kept.Bytes.CopyTo(destination);
                    return kept.Read;
                }

                CloudOutcome<CloudRead> read = await Inner.GetAsync(name, offset, destination, cancellationToken).ConfigureAwait(false);
                if (isHead)
                {
                    _heads[name] = (node.World.Now, read, read.Succeeded ? destination[..read.Value.Bytes].ToArray() : []);
                }

                return read;
            }
        }
    }
}
