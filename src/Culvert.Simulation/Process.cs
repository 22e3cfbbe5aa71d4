namespace Culvert.Simulation;

/// <summary>
/// What runs on a node: a protocol core with its thin shell. It lives from one start to the next crash; what it is to
/// know again has to be on a disk. Its methods are called one at a time.
/// </summary>
public abstract class Process
{
    /// <summary>The process has just started.</summary>
    public virtual void OnStart()
    {
    }

    /// <summary>A message has come.</summary>
    public virtual void OnMessage(string from, object message)
    {
    }

    /// <summary>A timer of <see cref="SimulatedNode.SetTimer"/> has run down.</summary>
    public virtual void OnTimer(object timer)
    {
    }

    /// <summary>
    /// The process is gone: give back memory that the garbage collector does not see. Nothing else: a crashed machine does
    /// not say good-bye.
    /// </summary>
    public virtual void OnGone()
    {
    }
}
