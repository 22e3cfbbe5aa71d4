namespace Culvert.Storage;

/// <summary>A folder of a WebDAV server, and who asks.</summary>
/// <param name="Folder">The folder's URL; a slash at its end is added.</param>
/// <param name="User">For basic authentication; null for none.</param>
/// <param name="Password">A secret; null for none.</param>
public sealed record WebDavOptions(Uri Folder, string? User, string? Password)
{
    /// <summary>Without the password.</summary>
    public override string ToString() => $"{Folder} as {User ?? "nobody"}";
}
