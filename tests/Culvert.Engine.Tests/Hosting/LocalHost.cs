using Culvert.Enclaves;

namespace Culvert.Engine.Tests.Hosting;

/// <summary>A host in the test's process, on a thread, with enclaves that are threads; what lies between it and others can be put in.</summary>
internal sealed class LocalHost : IHostConnection
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private readonly Thread _thread;
    private readonly ThreadBackend _backend;
    private readonly MemoryChannel _ownersEnd;
    private Exception? _escaped;

    /// <param name="through">Gets each channel of the host: 0 is to the owner, then come enclaves, then workers.</param>
    /// <param name="quoter">Makes the enclaves' evidence.</param>
    internal LocalHost(Func<int, IMessageChannel, IMessageChannel>? through = null, IQuoter? quoter = null)
    {
        _backend = new ThreadBackend { Quoter = quoter };
        (MemoryChannel here, MemoryChannel there) = MemoryChannel.CreatePair();
        _ownersEnd = here;
        _thread = new Thread(() =>
        {
            try
            {
                using (there)
                {
                    IMessageChannel owner = through is null ? there : through(0, there);
                    HostProgram.Run(owner, new CanonicalPlanBuilder(), _backend, through);
                }
            }
            catch (Exception escaped)
            {
                _escaped = escaped;
            }
        })
        {
            IsBackground = true,
        };
        _thread.Start();
    }

    public IMessageChannel Channel => _ownersEnd;

    /// <summary>Takes the host away from its owner and its workers, in the middle of whatever it does.</summary>
    internal void Kill() => _ownersEnd.Dispose();

    /// <summary>What nobody caught: there must be nothing.</summary>
    internal IEnumerable<Exception> Escaped => _escaped is null ? _backend.Escaped : _backend.Escaped.Append(_escaped);

    public void Dispose()
    {
        _ownersEnd.Dispose();
        if (!_thread.Join(s_patience))
        {
            _escaped ??= new InvalidOperationException("the host does not end");
        }
    }
}
