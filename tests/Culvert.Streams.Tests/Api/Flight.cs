namespace Culvert.Streams.Tests.Api;

internal sealed record Flight(string Carrier, int? ArrDelay, int Distance, DateTime At, string? Tail);

internal readonly record struct Point(int Key, double Value);
