using Culvert.Simulation;
using Culvert.Storage;

namespace Culvert.Cli.Simulate;

/// <summary>Rollback memory is lost whenever the client ends.</summary>
internal sealed class ForgetfulClient : StorageFlaw
{
    // With no more than f liars a memory is seldom needed.
    internal override double OverrunShare => 0.8;

    internal override IBlobs Alter(IBlobs state) => new Sieve(state);

    private sealed class Sieve(IBlobs inner) : IBlobs
    {
        public ValueTask PutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
            name.StartsWith("seen/", StringComparison.Ordinal) ? ValueTask.CompletedTask : inner.PutAsync(name, content, cancellationToken);

        public ValueTask<long?> LengthAsync(string name, CancellationToken cancellationToken) => inner.LengthAsync(name, cancellationToken);

        public ValueTask<int> ReadAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
            inner.ReadAsync(name, offset, destination, cancellationToken);

        public ValueTask<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken) => inner.ListAsync(prefix, cancellationToken);

        public ValueTask DeleteAsync(string name, CancellationToken cancellationToken) => inner.DeleteAsync(name, cancellationToken);
    }
}

/// <summary>A record takes the place of another writer's.</summary>
internal sealed class OverwrittenMetadata : StorageFlaw
{
    protected override ICloud Alter(ICloud cloud, SimulatedNode node) => new Careless(cloud);

    private sealed class Careless(ICloud inner) : AlteredCloud(inner)
    {
        public override ValueTask<CloudOutcome<CloudDone>> PutAsync(
            string name, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellationToken) =>
            Inner.PutAsync(name, content, PutCondition.Always, cancellationToken);
    }
}

/// <summary>The client does not wait for one of its clouds, and takes it for one that answered that it has nothing, or that all was done.</summary>
internal sealed class OneTooFew : StorageFlaw
{
    internal override IReadOnlyList<ICloud> Alter(IReadOnlyList<ICloud> clouds, SimulatedNode node)
    {
        // Another one for each client.
        int at = node.Name.Sum(letter => letter) % clouds.Count;
        return [.. clouds.Select((cloud, slot) => slot == at ? new Presumed(cloud) : cloud)];
    }

    private sealed class Presumed(ICloud inner) : AlteredCloud(inner)
    {
        public override ValueTask<CloudOutcome<CloudListing>> ListAsync(string prefix, string? after, CancellationToken cancellationToken) =>
            IsMetadata(prefix) ? ValueTask.FromResult<CloudOutcome<CloudListing>>(new CloudListing([], false)) : Inner.ListAsync(prefix, after, cancellationToken);

        public override ValueTask<CloudOutcome<CloudRead>> GetAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
            IsMetadata(name)
                ? ValueTask.FromResult<CloudOutcome<CloudRead>>(new CloudFailure(CloudFailureKind.Absent, $"{Name} has no {name}"))
                : Inner.GetAsync(name, offset, destination, cancellationToken);

        public override ValueTask<CloudOutcome<CloudDone>> PutAsync(
            string name, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellationToken) =>
            IsMetadata(name) ? ValueTask.FromResult<CloudOutcome<CloudDone>>(default(CloudDone)) : Inner.PutAsync(name, content, condition, cancellationToken);

        private static bool IsMetadata(string name) => name.StartsWith("h/", StringComparison.Ordinal) || name.Contains("/m/", StringComparison.Ordinal);
    }
}

/// <summary>A value's blocks count as kept when they are sent.</summary>
internal sealed class HastyMetadata : StorageFlaw
{
    protected override ICloud Alter(ICloud cloud, SimulatedNode node) => new Hasty(cloud, node);

    private sealed class Hasty(ICloud inner, SimulatedNode node) : AlteredCloud(inner)
    {
        public override ValueTask<CloudOutcome<CloudDone>> PutAsync(
            string name, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellationToken)
        {
            if (!name.Contains("/b/", StringComparison.Ordinal))
            {
                return Inner.PutAsync(name, content, condition, cancellationToken);
            }

            byte[] copy = content.ToArray();
            node.After(TimeSpan.FromSeconds(1), () => _ = Inner.PutAsync(name, copy, condition, CancellationToken.None).AsTask());
            return ValueTask.FromResult<CloudOutcome<CloudDone>>(default(CloudDone));
        }
    }
}

/// <summary>Whatever metadata comes first stands for that of all clouds.</summary>
internal sealed class FirstMetadata : StorageFlaw
{
    internal override IReadOnlyList<ICloud> Alter(IReadOnlyList<ICloud> clouds, SimulatedNode node)
    {
        Dictionary<string, FirstAnswer> asked = new(StringComparer.Ordinal);
        return [.. clouds.Select(cloud => new Impatient(cloud, asked))];
    }

    /// <summary>What one cloud answered to a question that is put to all, and who waits for it.</summary>
    private sealed class FirstAnswer
    {
        private readonly List<TaskCompletionSource<Answer?>> _waiting = [];

        internal HashSet<string> Asked { get; } = [];

        private Answer? Given { get; set; }

        /// <summary>Ends with what another cloud gave first, or with null when this one's answer is the first.</summary>
        internal Task<Answer?> WaitAsync()
        {
            if (Given is not null)
            {
                return Task.FromResult<Answer?>(Given);
            }

            TaskCompletionSource<Answer?> waiter = new();
            _waiting.Add(waiter);
            return waiter.Task;
        }

        internal void Give(Answer answer)
        {
            Given ??= answer;
            TaskCompletionSource<Answer?>[] waiting = [.. _waiting];
            _waiting.Clear();
            foreach (TaskCompletionSource<Answer?> waiter in waiting)
            {
                waiter.TrySetResult(Given);
            }
        }
    }

    private sealed record Answer(CloudOutcome<CloudListing> Listing, CloudOutcome<CloudRead> Read, byte[] Bytes);

    private sealed class Impatient(ICloud inner, Dictionary<string, FirstAnswer> asked) : AlteredCloud(inner)
    {
        public override async ValueTask<CloudOutcome<CloudListing>> ListAsync(string prefix, string? after, CancellationToken cancellationToken)
        {
            if (!prefix.Contains("/m/", StringComparison.Ordinal))
            {
                return await Inner.ListAsync(prefix, after, cancellationToken).ConfigureAwait(false);
            }

            FirstAnswer first = Ask(prefix);
            _ = Give();
            return (await first.WaitAsync().ConfigureAwait(false))!.Listing;

            async Task Give() => first.Give(new Answer(await Inner.ListAsync(prefix, after, CancellationToken.None).ConfigureAwait(false), default, []));
        }

        public override async ValueTask<CloudOutcome<CloudRead>> GetAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken)
        {
            if (!name.StartsWith("h/", StringComparison.Ordinal) || offset > 0)
            {
                return await Inner.GetAsync(name, offset, destination, cancellationToken).ConfigureAwait(false);
            }

            FirstAnswer first = Ask(name);
            byte[] buffer = new byte[destination.Length];
            _ = Give();
            Answer answer = (await first.WaitAsync().ConfigureAwait(false))!;
            answer.Bytes.AsSpan(0, Math.Min(answer.Bytes.Length, destination.Length)).CopyTo(destination.Span);
            return answer.Read;

            async Task Give()
            {
                CloudOutcome<CloudRead> read = await Inner.GetAsync(name, 0, buffer, CancellationToken.None).ConfigureAwait(false);
                first.Give(new Answer(default, read, read.Succeeded ? buffer[..read.Value.Bytes] : []));
            }
        }

        /// <summary>The question that is put to all clouds now; one that this cloud was asked already is another.</summary>
        private FirstAnswer Ask(string name)
        {
            if (!asked.TryGetValue(name, out FirstAnswer? question) || !question.Asked.Add(Name))
            {
                asked[name] = question = new FirstAnswer { Asked = { Name } };
            }

            return question;
        }
    }
}

/// <summary>Whoever removes a version's blocks removes those of the version before the newest too.</summary>
internal sealed class GreedyCollection : StorageFlaw
{
    protected override ICloud Alter(ICloud cloud, SimulatedNode node) => new Greedy(cloud);

    private sealed class Greedy(ICloud inner) : AlteredCloud(inner)
    {
        // Values of each unit in the order in which this client put them.
        private readonly Dictionary<string, List<string>> _values = new(StringComparer.Ordinal);

        public override ValueTask<CloudOutcome<CloudDone>> PutAsync(
            string name, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellationToken)
        {
            if (Value(name) is var (unit, value))
            {
                if (!_values.TryGetValue(unit, out List<string>? values))
                {
                    _values.Add(unit, values = []);
                }

                if (!values.Contains(value))
                {
                    values.Add(value);
                }
            }

            return Inner.PutAsync(name, content, condition, cancellationToken);
        }

        public override async ValueTask<CloudOutcome<CloudDone>> RemoveAsync(string name, CancellationToken cancellationToken)
        {
            if (Value(name) is var (unit, _) && _values.TryGetValue(unit, out List<string>? values) && values.Count > 1)
            {
                await Inner.RemoveAsync($"{unit}/b/{values[^2]}/00000000", cancellationToken).ConfigureAwait(false);
            }

            return await Inner.RemoveAsync(name, cancellationToken).ConfigureAwait(false);
        }

        private static (string Unit, string Value)? Value(string name)
        {
            int at = name.IndexOf("/b/", StringComparison.Ordinal);
            return at > 0 && name.LastIndexOf('/') is var end && end > at + 3 ? (name[..at], name[(at + 3)..end]) : null;
        }
    }
}

/// <summary>The new cloud gets what the old one had, under the keys whose shares the old one keeps.</summary>
internal sealed class CopiedCloud : StorageFlaw
{
    internal override bool Replaces => true;

    internal override async ValueTask<Outcome<int>> ReplaceAsync(Store store, IReadOnlyList<ICloud> clouds, StoreKeys owner, string old, CloudPlace place)
    {
        StoreConfiguration current = store.Configuration;
        ICloud from = clouds.First(cloud => cloud.Name == old);
        ICloud to = clouds.First(cloud => cloud.Name == place.Name);
        CloudOutcome<CloudListing> all = await from.ListAsync("", null, CancellationToken.None).ConfigureAwait(false);
        foreach (CloudEntry entry in all.Succeeded ? all.Value.Entries : [])
        {
            byte[] content = new byte[entry.Bytes];
            CloudOutcome<CloudRead> read = await from.GetAsync(entry.Name, 0, content, CancellationToken.None).ConfigureAwait(false);
            if (read.Succeeded && read.Value.Bytes == content.Length)
            {
                await to.PutAsync(entry.Name, content, PutCondition.Always, CancellationToken.None).ConfigureAwait(false);
            }
        }

        StoreConfiguration next = new StoreConfiguration
        {
            Store = current.Store,
            Number = current.Number + 1,
            Previous = current.Digest,
            TimeMs = current.TimeMs,
            Owner = current.Owner,
            Writers = current.Writers,
            Readers = current.Readers,
            Clouds = [.. current.Clouds.Select(cloud => cloud.Name == old ? place : cloud)],
        }.Sign(owner.Signing);
        string name = $"c/{long.MaxValue - next.Number:x16}";
        foreach (CloudPlace member in next.Clouds)
        {
            await clouds.First(cloud => cloud.Name == member.Name).PutAsync(name, next.Bytes, PutCondition.Always, CancellationToken.None).ConfigureAwait(false);
        }

        await store.RefreshAsync(CancellationToken.None).ConfigureAwait(false);
        return 0;
    }
}
