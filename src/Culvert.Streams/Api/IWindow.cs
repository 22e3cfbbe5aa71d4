namespace Culvert.Streams;

/// <summary>The events of a window.</summary>
public interface IWindow<T> : IAggregates<T>
{
    /// <summary>The window's first moment.</summary>
    DateTime WindowStart { get; }

    /// <summary>The first moment after the window.</summary>
    DateTime WindowEnd { get; }
}
