namespace Culvert.Enclaves.Linux;

/// <summary>A system call, by its numbers (-1 where a processor does not have it), and what becomes of it.</summary>
internal readonly record struct SystemCallRule(string Name, int X64, int Arm64, SystemCallDecision Decision = SystemCallDecision.Allowed);
