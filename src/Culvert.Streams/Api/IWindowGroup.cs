namespace Culvert.Streams;

/// <summary>The events of a window that have a key in common.</summary>
public interface IWindowGroup<out TKey, T> : IGroup<TKey, T>, IWindow<T>;
