namespace Culvert.Stages;

/// <summary>Takes the frames that a partition makes: a router, or the queue in front of one.</summary>
public interface IFrameSink
{
    /// <summary>Takes a frame and with it its batch. Called by the thread that runs the partition; never blocks.</summary>
    void Send(Frame frame);
}
