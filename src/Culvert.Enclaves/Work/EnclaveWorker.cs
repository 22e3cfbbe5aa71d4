using Culvert.Stages;

namespace Culvert.Enclaves;

/// <summary>The program of an enclave whose plans come as canonical bytes with their scripts: what <c>culvert</c> runs inside.</summary>
public static class EnclaveWorker
{
    /// <summary>Runs a worker for plans of job files.</summary>
    public static int Run(EnclaveContext context) => Run(context, new CanonicalPlanBuilder());

    /// <summary>Runs a worker whose plans <paramref name="builder"/> makes.</summary>
    public static int Run(EnclaveContext context, IPlanBuilder builder) =>
        WorkerProgram.Run(context.Channel, context.Backend, context.Quoter, builder, setup => new BlockServices(
            MachineClock.Instance, MachineEntropy.Instance, BudgetOf(context, setup)));

    /// <summary>Where the owner set a limit, state beyond it leaves for the memory that the host gives; without such memory all of it stays.</summary>
    private static StateBudget? BudgetOf(EnclaveContext context, WorkerSetup setup) => setup.Task.StateBytesMax > 0 && context.Outside is { } outside
        ? new StateBudget(setup.Task.StateBytesMax, outside, MachineEntropy.Instance)
        : null;
}
