using System.Buffers;
using Culvert.Enclaves;
using Culvert.Enclaves.Simulation;
using Culvert.Stages;

namespace Culvert.Engine;

/// <summary>
/// The host's process: carries frames between the owner and the workers, starts enclaves, keeps files. It is started by the
/// owner's process on this machine and talks to it by its standard input and output; it never has a key but those released
/// to workers in it.
/// </summary>
public static class HostProgram
{
    /// <summary>The first argument with which a program is asked to be a host.</summary>
    public const string Argument = "--culvert-host";

    /// <summary>Memory for the state that each enclave pages out: 64 GiB, which take room only as they are used.</summary>
    private const long OutsideBytes = 64L << 30;

    /// <summary>
    /// Null when the program was not started as a host; otherwise runs as one and returns the exit code.
    /// <paramref name="openStore"/> opens stores for snapshots; null: they are kept in folders only.
    /// </summary>
    public static int? RunIfAsked(string[] args, IPlanBuilder builder, SnapshotStoreOpening? openStore = null)
    {
        if (args.Length == 0 || args[0] != Argument)
        {
            return null;
        }

        // Ctrl-C goes to all processes of a terminal; what to do about it is the owner's to say.
        using var interrupt = System.Runtime.InteropServices.PosixSignalRegistration.Create(
            System.Runtime.InteropServices.PosixSignal.SIGINT, context => context.Cancel = true);
        using StreamChannel owner = new(Console.OpenStandardInput(), Console.OpenStandardOutput());
        return Run(owner, builder, new SimulationBackend(), openStore: openStore);
    }

    /// <summary>
    /// Serves one run of the owner at the other end of a channel; 0 when it ended as asked. <paramref name="through"/> puts
    /// something between the host and a worker (1, 2, and so on: enclaves first).
    /// </summary>
    internal static int Run(IMessageChannel owner, IPlanBuilder builder, IEnclaveBackend backend, Func<int, IMessageChannel, IMessageChannel>? through = null, SnapshotStoreOpening? openStore = null)
    {
        List<IEnclave> enclaves = [];
        try
        {
            return Serve(owner, builder, backend, enclaves, through ?? ((_, channel) => channel), openStore);
        }
        catch (Exception failure) when (failure is JobFailedException or IOException or InvalidDataException or UnauthorizedAccessException or SourceFailedException or StageFailedException)
        {
            SendEnd(owner, HostOutcome.Failed, new Failure(FailureKind.Io, failure.Message));
            return 1;
        }
        finally
        {
            foreach (IEnclave enclave in enclaves)
            {
                enclave.Dispose();
            }
        }
    }

    private static int Serve(
        IMessageChannel owner, IPlanBuilder builder, IEnclaveBackend backend, List<IEnclave> enclaves, Func<int, IMessageChannel, IMessageChannel> through,
        SnapshotStoreOpening? openStore)
    {
        Outcome<Message> first = owner.Await(ChannelLimits.StallMax, "what is to be run");
        if (first.Failure is { } silent)
        {
            throw new JobFailedException(silent.Message);
        }

        HostSettings? settings;
        using (Message message = first.Value)
        {
            settings = message.Length > 0 && message.Bytes[0] == (byte)HostMessageKind.Begin ? HostSettings.Read(message.Bytes[1..]) : null;
        }

        if (settings is null)
        {
            throw new JobFailedException("the owner's settings cannot be read");
        }

        HostSnapshots? snapshots = settings.Snapshots is { } place
            ? HostSnapshots.Open(SnapshotPlace.Open(place, settings.SnapshotStore, openStore), settings.Run, settings.Layout.Plan, settings.Resume, settings.SnapshotInterval, MachineClock.Instance)
            : null;
        if (settings.Resume && snapshots is not null)
        {
            ArrayBufferWriter<byte> resuming = new();
            resuming.Byte((byte)HostMessageKind.Resuming);
            resuming.UInt128(snapshots.Run.Value);
            owner.Send(ChannelLimits.StallMax, resuming.WrittenSpan);
        }

        List<IMessageChannel> channels = [owner];
        List<Thread> workers = [];
        StartEnclaves(settings, backend, enclaves, channels);
        StartWorkers(settings, builder, channels, workers);
        HostedRun run = new(settings, snapshots, [owner, .. channels.Skip(1).Select((c, i) => through(i + 1, c))]);
        run.Start();
        (HostOutcome outcome, Failure? failure) = run.Ended.GetAwaiter().GetResult();
        run.Finish(outcome);
        foreach (Thread worker in workers)
        {
            worker.Join();
        }

        run.Dispose();
        SendEnd(owner, outcome, failure);
        return outcome == HostOutcome.Failed ? 1 : 0;
    }

    private static void StartEnclaves(HostSettings settings, IEnclaveBackend backend, List<IEnclave> enclaves, List<IMessageChannel> channels)
    {
        int count = settings.Layout.Stages.Any(s => s.Place == StagePlace.Enclave) ? settings.Workers : 0;
        for (int i = 0; i < count; i++)
        {
            Outcome<IEnclave> started = backend.Start(new EnclaveOptions { OutsideBytes = settings.EpcBytes > 0 ? OutsideBytes : 0, Quotes = settings.Attests });
            if (started.Failure is { } failure)
            {
                throw new JobFailedException(failure.Message);
            }

            enclaves.Add(started.Value);
            channels.Add(started.Value.Channel);
        }
    }

    private static void StartWorkers(HostSettings settings, IPlanBuilder builder, List<IMessageChannel> channels, List<Thread> workers)
    {
        int count = settings.Layout.Stages.Any(s => s.Place == StagePlace.Worker) ? settings.Workers : 0;
        for (int i = 0; i < count; i++)
        {
            (MemoryChannel here, MemoryChannel there) = MemoryChannel.CreatePair();
            channels.Add(here);
            Thread worker = new(() =>
            {
                using (there)
                {
                    WorkerProgram.Run(there, "process", null, builder, _ => new BlockServices(MachineClock.Instance, MachineEntropy.Instance));
                }
            })
            {
                IsBackground = true,
                Name = $"worker {i}",
            };
            worker.Start();
            workers.Add(worker);
        }
    }

    private static void SendEnd(IMessageChannel owner, HostOutcome outcome, Failure? failure)
    {
        ArrayBufferWriter<byte> message = new();
        message.Byte((byte)HostMessageKind.Ended);
        message.Byte((byte)outcome);
        message.Byte((byte)(failure?.Kind ?? 0));
        message.Text(failure?.Message ?? "");
        owner.Send(ChannelLimits.StallMax, message.WrittenSpan);
        owner.EndSending();
    }
}
