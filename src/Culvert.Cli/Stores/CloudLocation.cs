using Culvert.Storage;

namespace Culvert.Cli.Stores;

/// <summary>Where a cloud is, in a line without credentials.</summary>
internal static class CloudLocation
{
    internal static CloudPlace PlaceOf(CloudSettings settings) => new(settings.Name, Of(settings.Driver));

    internal static string Of(CloudDriver driver) => driver switch
    {
        FolderDriver folder => $"folder {folder.Path}",
        S3Driver { Options.Endpoint: { } endpoint } s3 => $"s3 {endpoint} {s3.Options.Bucket}",
        S3Driver s3 => $"s3 {s3.Options.Region} {s3.Options.Bucket}",
        AzureDriver azure => $"azure {azure.Container}",
        WebDavDriver webDav => $"webdav {webDav.Folder}",
        _ => throw new ArgumentException($"no location of {driver.GetType()}", nameof(driver)),
    };
}
