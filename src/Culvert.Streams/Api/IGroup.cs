namespace Culvert.Streams;

/// <summary>The events that have a key in common.</summary>
public interface IGroup<out TKey, T> : IAggregates<T>
{
    /// <summary>The key.</summary>
    TKey Key { get; }
}
