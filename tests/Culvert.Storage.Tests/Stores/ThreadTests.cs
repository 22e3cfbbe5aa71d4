namespace Culvert.Storage.Tests;

/// <summary>On which threads a store's callers go on.</summary>
public sealed class ThreadTests
{
    [Fact]
    public async Task Whoever_blocks_behind_an_answer_until_the_store_has_done_the_rest_does_not_wait_for_himself()
    {
        using TestStore test = new() { IsOfOneThread = false };
        Store store = await test.CreateAsync();

        // Of several waiters of one task, .NET lets only the first go on inline; of a completion, all do.
        Completion[] gates = [.. test.Clouds.Select(_ => new Completion(TaskCreationOptions.None))];
        for (int i = 0; i < gates.Length; i++)
        {
            int cloud = i;
            test.Clouds[i].Wait = (_, _) => gates[cloud].WaitAsync();
        }

        bool hasWaited = false;
        Task caller = PutAndBlockAsync();
        Thread answers = new(() => Array.ForEach(gates, gate => gate.Complete())) { IsBackground = true };
        answers.Start();
        await caller.WaitAsync(TimeSpan.FromMinutes(1), TestStore.Cancel);

        Assert.True(hasWaited);

        async Task PutAndBlockAsync()
        {
            Outcome<PutReceipt> put = await store.PutAsync("a", new MemoryStream(TestStore.Bytes(300)), null, TestStore.Cancel).ConfigureAwait(false);
            Assert.True(put.Succeeded, put.Failure?.Message);
            using ManualResetEventSlim done = new();
            _ = store.FlushAsync().ContinueWith(_ => done.Set(), TaskScheduler.Default);
            hasWaited = done.Wait(TimeSpan.FromSeconds(20), TestStore.Cancel);
        }
    }
}
