namespace Culvert.Storage;

/// <summary>What a WebDAV server says of a file or folder.</summary>
/// <param name="Name">Without its folders.</param>
/// <param name="IsFolder">A collection (RFC 4918, section 5.2).</param>
/// <param name="Bytes">Its length (section 15.4); null when the server does not tell it.</param>
/// <param name="Age">Since its last change (section 15.7), both ends by the server's own clock; null when it does not tell.</param>
internal readonly record struct WebDavEntry(string Name, bool IsFolder, long? Bytes, TimeSpan? Age);
