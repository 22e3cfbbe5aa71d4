using Culvert.Benchmarks.Boundary;
using Culvert.Benchmarks.Paging;
using Culvert.Benchmarks.Reports;

namespace Culvert.Benchmarks.SecureStreams;

/// <summary>Everything that <c>culvert bench securestreams</c> measured.</summary>
/// <param name="Machine">On what.</param>
/// <param name="Kernel">The kernel's release.</param>
/// <param name="LoadBefore">Processes that wanted a core in the minute before; above 0 the machine was not idle.</param>
/// <param name="LoadAfter">The same at the end, the benchmark included.</param>
/// <param name="Options">How much.</param>
/// <param name="Boundary">Crossing and copying.</param>
/// <param name="Starts">Enclaves' starts.</param>
/// <param name="Sealing">Frames against the cipher.</param>
/// <param name="Flights">The delayed flights.</param>
/// <param name="Paging">State beyond its budget: with the budget and, for comparison, without.</param>
public sealed record SecureStreamsFigures(
    Machine Machine,
    string Kernel,
    double LoadBefore,
    double LoadAfter,
    SecureStreamsOptions Options,
    BoundaryFigures Boundary,
    IReadOnlyList<EnclaveStartFigure> Starts,
    IReadOnlyList<SealingFigure> Sealing,
    FlightsFigures Flights,
    IReadOnlyList<PagedStateResult> Paging);
