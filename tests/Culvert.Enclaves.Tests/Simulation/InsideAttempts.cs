namespace Culvert.Enclaves.Tests.Simulation;

internal static class InsideAttempts
{
    internal static string Try(EnclaveContext context, string attempt, string argument) => attempt switch
    {
        "echo" => argument,
        "report" => context.Lockdown.ToString(),
        "read" => "done: " + File.ReadAllText(argument).Length,
        _ => throw new NotSupportedException(attempt),
    };
}
