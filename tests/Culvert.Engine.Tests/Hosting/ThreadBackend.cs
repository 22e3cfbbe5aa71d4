using System.Collections.Concurrent;
using Culvert.Enclaves;

namespace Culvert.Engine.Tests.Hosting;

/// <summary>Enclaves that are threads of the test: the same worker program behind a channel in memory. What escapes a worker is kept for the test to see.</summary>
internal sealed class ThreadBackend : IEnclaveBackend
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public string Name => "thread";

    public bool ProtectsFromHost => false;

    /// <summary>Makes the enclaves' evidence.</summary>
    public IQuoter? Quoter { get; init; }

    public ConcurrentQueue<Exception> Escaped { get; } = [];

    public Outcome<IEnclave> Start(EnclaveOptions options) => new ThreadEnclave(this);

    private sealed class ThreadEnclave : IEnclave
    {
        private readonly Thread _thread;
        private readonly TaskCompletionSource<EnclaveEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        internal ThreadEnclave(ThreadBackend backend)
        {
            (MemoryChannel here, MemoryChannel there) = MemoryChannel.CreatePair();
            Channel = here;
            _thread = new Thread(() =>
            {
                int code = -1;
                try
                {
                    using (there)
                    {
                        code = WorkerProgram.Run(
                            there, backend.Name, backend.Quoter, new CanonicalPlanBuilder(), _ => new BlockServices(MachineClock.Instance, MachineEntropy.Instance));
                    }
                }
                catch (Exception escaped)
                {
                    backend.Escaped.Enqueue(escaped);
                }

                _ended.SetResult(new EnclaveEnd(code, null, $"the thread ended with {code}"));
            })
            {
                IsBackground = true,
            };
            _thread.Start();
        }

        public IMessageChannel Channel { get; }

        public int? ProcessId => null;

        public Task<EnclaveEnd> Ended => _ended.Task;

        public bool HasEnded => _ended.Task.IsCompleted;

        public EnclaveImage Image => new(AppContext.BaseDirectory);

        public void Dispose()
        {
            Channel.Dispose();
            if (!_thread.Join(s_patience))
            {
                throw new InvalidOperationException("an enclave's thread does not end");
            }
        }
    }
}
