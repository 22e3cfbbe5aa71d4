namespace Culvert.Streams;

/// <summary>The receiver of one run. Called by one thread at a time, for rounds in order; either of the last two comes once, at the end.</summary>
public interface ICallbackSink
{
    /// <summary>
    /// Some output, which stays the caller's; <paramref name="first"/> is the identity of its first row, and the rows
    /// after it follow in <see cref="OutputIdentity.Index"/>. May block: that slows the job down.
    /// </summary>
    void Receive(Batch batch, OutputIdentity first);

    /// <summary>All input has come through.</summary>
    void Complete();

    /// <summary>The run has failed or was cancelled: there is no more.</summary>
    void Fail(Exception error);
}
