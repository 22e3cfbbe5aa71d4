using Culvert.Cli.Output;
using Culvert.Enclaves;
using Culvert.Storage;

namespace Culvert.Cli.Stores;

/// <summary>A command at work on a store: opened before it, and brought to an end behind it, also by Ctrl-C.</summary>
internal sealed class StoreSession
{
    /// <summary>After this time somebody who waits for slow clouds is told so.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly Interruption _interruption;

    private StoreSession(StoreClient client, Store store, Interruption interruption, CancellationToken stop) =>
        (Client, Store, _interruption, Stop) = (client, store, interruption, stop);

    internal StoreClient Client { get; }

    internal Store Store { get; }

    /// <summary>Cancelled by Ctrl-C.</summary>
    internal CancellationToken Stop { get; }

    /// <summary>The leases that this process runs under, by 'store lock'.</summary>
    internal IReadOnlyList<InheritedLease> Leases => InheritedLease.Of(Store.Configuration.Store);

    /// <summary>
    /// The lease under which a unit is written: null outside of any 'store lock'. Inside, a unit that none of them locks is refused, and
    /// one whose lease is over.
    /// </summary>
    internal IUnitLease? LeaseFor(string unit)
    {
        IReadOnlyList<InheritedLease> leases = Leases;
        if (leases.Count == 0)
        {
            return null;
        }

        InheritedLease lease = leases.FirstOrDefault(held => held.Unit == unit)
            ?? throw new CommandFailedException(
                ExitCode.Failed,
                $"this runs under the lock of {string.Join(" and ", leases.Select(held => held.Unit))}, and {unit} is another unit: write it outside, or under a lock of its own inside (store lock {unit} -- COMMAND)");
        return lease.Refuse() is { } refused ? throw new CommandFailedException(ExitCode.Failed, refused.Message) : lease;
    }

    /// <summary>Who is told of Ctrl-C instead, from now on.</summary>
    internal void StopBy(Action stop) => _interruption.StopBy(stop);

    /// <summary>The code of the signal that came; 0 while none has.</summary>
    internal int Signal => _interruption.Code;

    /// <summary>Opens the store, does the work, and waits for what still goes on at slow clouds.</summary>
    internal static int Run(StoreChoice choice, Func<StoreSession, Task<int>> work)
    {
        using StoreClient client = new(choice, isNew: false);
        return Run(client, stop => client.OpenAsync(stop), work);
    }

    /// <summary>As above, with a store that is opened or made by <paramref name="open"/>.</summary>
    internal static int Run(StoreClient client, Func<CancellationToken, ValueTask<Outcome<Store>>> open, Func<StoreSession, Task<int>> work)
    {
        using Interruption interruption = new();
        using CancellationTokenSource stop = new();
        interruption.StopBy(stop.Cancel);
        try
        {
            return RunAsync().GetAwaiter().GetResult();
        }
        catch (Exception failure) when (stop.IsCancellationRequested && (failure is OperationCanceledException or CommandFailedException))
        {
            // What failed because it was stopped has nothing else to tell.
            Terminal.Error.WriteLine("culvert: stopped");
            return interruption.Code;
        }

        async Task<int> RunAsync()
        {
            Store store = ValueOf(await open(stop.Token).ConfigureAwait(false));
            StoreSession session = new(client, store, interruption, stop.Token);
            try
            {
                int code = await work(session).ConfigureAwait(false);
                Terminal.Flush();
                return code;
            }
            finally
            {
                interruption.StopBy(stop.Cancel);
                await session.FinishAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>What an outcome holds; a failure ends the command.</summary>
    internal static T ValueOf<T>(Outcome<T> outcome) =>
        outcome.Succeeded ? outcome.Value : throw new CommandFailedException(ExitCode.Failed, outcome.Failure.Message);

    /// <summary>Waits for puts at slow clouds; Ctrl-C leaves them as they are.</summary>
    internal async Task FinishAsync()
    {
        Task flushed = Store.FlushAsync();
        if (await Task.WhenAny(flushed, MachineClock.Instance.Delay(s_patience, CancellationToken.None)).ConfigureAwait(false) != flushed && !Stop.IsCancellationRequested)
        {
            Terminal.Error.WriteLine("culvert: waiting for clouds that are slow; Ctrl-C leaves them behind, and 'store verify --repair' mends that");
        }

        try
        {
            await flushed.WaitAsync(Stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (Stop.IsCancellationRequested)
        {
            // Left behind, as was said.
        }
    }
}
