namespace Culvert.Storage;

/// <summary>Does what protocol cores want done, on clouds and a clock.</summary>
/// <param name="clouds">The clouds, by slot.</param>
/// <param name="meters">What is measured of each.</param>
/// <param name="clock">Timers.</param>
/// <param name="continuations">How waiters go on (<see cref="StoreOptions.GoesOnInline"/>).</param>
/// <param name="buffers">Room for what is read.</param>
internal sealed class CoreShell(
    IReadOnlyList<ICloud> clouds, IReadOnlyList<CloudMeter> meters, IClock clock, TaskCreationOptions continuations, BlockBuffers buffers)
{
    internal IReadOnlyList<ICloud> Clouds => clouds;

    internal IReadOnlyList<CloudMeter> Meters => meters;

    /// <summary>
    /// Runs a core that reads: cancelling ends it. The task ends with its result.
    /// </summary>
    internal Task<T> ReadAsync<T>(ProtocolCore<T> core, CancellationToken cancellationToken)
        where T : class
    {
        CoreRun<T> run = new(core, this, clock, continuations);
        run.Start();
        return run.Result.IsCompleted || !cancellationToken.CanBeCanceled ? run.Result : Await(run, cancellationToken);

        static async Task<T> Await(CoreRun<T> run, CancellationToken cancellationToken)
        {
            using (cancellationToken.Register(run.Abandon))
            {
                return await run.Result.ConfigureAwait(false);
            }
        }
    }

    /// <summary>Runs a core that writes: it is never cancelled. The task ends with its result; it is finished when nothing is under way any more.</summary>
    internal (Task<T> Result, Completion Finished) Write<T>(ProtocolCore<T> core)
        where T : class
    {
        CoreRun<T> run = new(core, this, clock, continuations);
        run.Start();
        return (run.Result, run.Finished);
    }

    internal async ValueTask<CloudReply> CallAsync(CloudCall call, CancellationToken cancellationToken)
    {
        TimeSpan begun = clock.Elapsed;
        CloudReply reply = await DoAsync(call, clouds[call.Slot], cancellationToken).ConfigureAwait(false);
        if (reply.Succeeded || reply.Failure!.Kind is CloudFailureKind.Absent or CloudFailureKind.Exists)
        {
            meters[call.Slot].Answered(clock.Elapsed - begun, reply.Bytes.Length, call is PutCall put && reply.Succeeded ? put.Content.Length : 0);
        }
        else
        {
            meters[call.Slot].Failed(reply.Failure);
        }

        return reply;
    }

    private async ValueTask<CloudReply> DoAsync(CloudCall call, ICloud cloud, CancellationToken cancellationToken)
    {
        switch (call)
        {
            case ListCall list:
                CloudOutcome<CloudListing> listing = await cloud.ListAsync(list.Prefix, null, cancellationToken).ConfigureAwait(false);
                return listing.Succeeded ? CloudReply.Of(listing.Value) : CloudReply.Of(listing.Failure);
            case GetCall get:
                return await GetAsync(get, cloud, cancellationToken).ConfigureAwait(false);
            case PutCall put:
                return Reply(await cloud.PutAsync(put.Name, put.Content, put.Condition, cancellationToken).ConfigureAwait(false));
            case RemoveCall remove:
                return Reply(await cloud.RemoveAsync(remove.Name, cancellationToken).ConfigureAwait(false));
            default:
                throw new ArgumentException($"no such call: {call}", nameof(call));
        }
    }

    private static CloudReply Reply(CloudOutcome<CloudDone> done) => done.Succeeded ? CloudReply.Done : CloudReply.Of(done.Failure);

    private async ValueTask<CloudReply> GetAsync(GetCall get, ICloud cloud, CancellationToken cancellationToken)
    {
        byte[] buffer = buffers.Rent(Math.Min(get.BytesLikely, get.BytesMax));
        CloudOutcome<CloudRead> read = await cloud.GetAsync(get.Name, 0, buffer, cancellationToken).ConfigureAwait(false);
        if (!read.Succeeded)
        {
            return CloudReply.Of(read.Failure);
        }

        (int bytes, long objectBytes) = read.Value;
        if (bytes < 0 || bytes > buffer.Length || bytes > objectBytes || (bytes < buffer.Length && bytes != objectBytes))
        {
            return Malformed($"{get.Name}: {bytes} bytes were given of {objectBytes}");
        }

        if (get.IsPart || bytes == objectBytes)
        {
            return CloudReply.Of(buffer.AsMemory(0, bytes));
        }

        if (objectBytes > get.BytesMax)
        {
            return CloudReply.TooLong($"{get.Name}: it has {objectBytes} bytes, and at most {get.BytesMax} are right", buffer.AsMemory(0, bytes));
        }

        // From the start once more, with all the room it needs: two parts of an object that is replaced meanwhile would be of two.
        return await GetAsync(get with { BytesLikely = RoomFor(objectBytes, get) }, cloud, cancellationToken).ConfigureAwait(false);
    }

    // An object that grew while it was read grows the room at least twofold, so that this ends.
    private static int RoomFor(long objectBytes, GetCall get) => (int)Math.Min(get.BytesMax, Math.Max(objectBytes, 2L * get.BytesLikely));

    private static CloudReply Malformed(string message) => CloudReply.Of(new CloudFailure(CloudFailureKind.Malformed, message));
}
