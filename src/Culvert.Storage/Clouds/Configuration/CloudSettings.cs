namespace Culvert.Storage;

/// <summary>One cloud of <c>clouds.yaml</c>.</summary>
/// <param name="Name">What commands and messages call it: 1 to 32 of <c>a-z 0-9 - _</c>, unlike the others.</param>
/// <param name="Driver">What it is.</param>
/// <param name="Prices">What it charges; null when the file does not say.</param>
/// <param name="Timeout">How long an attempt at a call may take; null for the default.</param>
public sealed record CloudSettings(string Name, CloudDriver Driver, CloudPrices? Prices, TimeSpan? Timeout);

/// <summary>What a cloud charges, in whatever currency; all from 0.</summary>
/// <param name="PutPer1000">A thousand puts, lists and removals.</param>
/// <param name="GetPer1000">A thousand gets.</param>
/// <param name="StoredGbMonth">10^9 bytes kept for a month.</param>
/// <param name="EgressGb">10^9 bytes read.</param>
public sealed record CloudPrices(decimal PutPer1000, decimal GetPer1000, decimal StoredGbMonth, decimal EgressGb);

/// <summary>What a cloud is. No credential is held: where it is read from is.</summary>
public abstract record CloudDriver
{
    private protected CloudDriver()
    {
    }
}

/// <summary>A folder of this machine, or mounted. <paramref name="Path"/> is absolute.</summary>
public sealed record FolderDriver(string Path) : CloudDriver;

/// <summary>
/// A bucket. The credentials are those of <paramref name="Profile"/> in <paramref name="CredentialsFile"/> (null: the user's own
/// file); without either, <c>AWS_ACCESS_KEY_ID</c>, <c>AWS_SECRET_ACCESS_KEY</c> and <c>AWS_SESSION_TOKEN</c> of the environment.
/// </summary>
public sealed record S3Driver(S3Options Options, string? Profile, string? CredentialsFile) : CloudDriver;

/// <summary>A container of Azure Blob Storage, with its shared access signature in a file or in a variable of the environment.</summary>
public sealed record AzureDriver(Uri Container, SecretPlace Signature) : CloudDriver;

/// <summary>A folder of a WebDAV server. Without a user nobody signs in.</summary>
public sealed record WebDavDriver(Uri Folder, string? User, SecretPlace? Password) : CloudDriver;

/// <summary>Where a secret is: in a file, whose first line it is, or in a variable of the environment. One of both is null.</summary>
public sealed record SecretPlace(string? File, string? Variable);
