using Culvert.Enclaves;

namespace Culvert.Engine.Tests.Hosting;

/// <summary>What a hostile host does to the messages between itself and one worker.</summary>
internal interface IMischief
{
    /// <summary>A message of a worker (<paramref name="toWorker"/> false) or for it: what passes in its place, which may be nothing. From any thread.</summary>
    IEnumerable<byte[]> Pass(int worker, bool toWorker, MessageKind kind, byte[] message);
}
