namespace Culvert.Storage.Tests;

/// <summary>What a cloud may do wrong.</summary>
public enum CloudFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It closes every connection at once.</summary>
    Down,

    /// <summary>It takes its time before it does anything.</summary>
    Slow,

    /// <summary>It refuses the right to anything.</summary>
    Refusing,

    /// <summary>It has no room for anything more.</summary>
    Full,

    /// <summary>It breaks off in the middle of what it sends and takes.</summary>
    Cutting,

    /// <summary>It does what it is asked, and closes the connection without an answer.</summary>
    Mute,

    /// <summary>It knows no object.</summary>
    Losing,

    /// <summary>A bit of every object it sends is wrong.</summary>
    Flipping,

    /// <summary>It sends the oldest version of every object that it ever saw.</summary>
    Stale,

    /// <summary>It sends another object's bytes.</summary>
    Swapping,

    /// <summary>Its lists lack their first entry.</summary>
    ListMissing,

    /// <summary>Its lists have an entry that is not there.</summary>
    ListExtra,

    /// <summary>Its lists have their first entry twice.</summary>
    ListTwice,

    /// <summary>It says of a put that it is done, and does nothing.</summary>
    Forgetting,

    /// <summary>It sends bytes without end.</summary>
    Flooding,

    /// <summary>It sends what is no HTTP, or no answer of its protocol.</summary>
    Babbling,
}
