namespace Culvert.Engine.Tests.Reactive;

/// <summary>An event with a member of most kinds. <paramref name="Real"/> is a multiple of 1/4, so that sums of it are exact.</summary>
internal sealed record Event(
    int Key, int Number, int? Maybe, long Big, double Real, double? MaybeReal, decimal Money, string Text, string? MaybeText, DateTime Time);
