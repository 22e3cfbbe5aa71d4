namespace Culvert.Engine.Tests.Reactive;

internal sealed record WindowRow(int Key, DateTime Start, DateTime End, long Count, long Sum, double Average, int? Greatest);
