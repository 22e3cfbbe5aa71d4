namespace Culvert.Enclaves;

/// <summary>Waiting that takes silence for a failure.</summary>
public static class MessageChannelWaiting
{
    /// <summary>
    /// The next message, or why there is none: no answer in <paramref name="timeout"/> (<see cref="FailureKind.Io"/>), the end of
    /// the channel (<see cref="FailureKind.Missing"/>), or the channel's failure. <paramref name="awaited"/> names who should
    /// say what, for the message ("the enclave's greeting").
    /// </summary>
    public static Outcome<Message> Await(this IMessageChannel channel, TimeSpan timeout, string awaited, CancellationToken cancellationToken = default) =>
        channel.Receive(timeout, out Message? message, cancellationToken) switch
        {
            ReceiveStatus.Received => message!,
            ReceiveStatus.NotYet => new Failure(FailureKind.Io, $"waited {timeout.TotalSeconds:0.###} s for {awaited}, and nothing came"),
            ReceiveStatus.Ended => new Failure(FailureKind.Missing, $"the other side ended its sending without {awaited}"),
            _ => channel.Failure!,
        };
}
