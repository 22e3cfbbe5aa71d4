using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;

namespace Culvert.Storage;

/// <summary>Makes the drivers that a configuration names, and fetches their credentials, which nothing prints.</summary>
/// <param name="clock">Time-outs and pauses.</param>
/// <param name="entropy">Lengths of pauses and temporary names.</param>
/// <param name="environment">Reads a variable of the environment; null when there is none.</param>
public sealed class CloudFactory(IClock clock, IEntropy entropy, Func<string, string?> environment)
{
    // A signature or a password; a larger file is another one.
    private const int SecretLengthMax = 8 << 10;

    /// <summary>
    /// All clouds of a configuration, in its order; each may be disposable. No server is asked. Fails with what is missing of every
    /// cloud, a line each.
    /// </summary>
    public Outcome<IReadOnlyList<ICloud>> Open(CloudConfiguration configuration)
    {
        List<ICloud> clouds = [];
        List<string> complaints = [];
        foreach (CloudSettings settings in configuration.Clouds)
        {
            Outcome<ICloud> cloud = Open(settings);
            if (cloud.Succeeded)
            {
                clouds.Add(cloud.Value);
            }
            else
            {
                complaints.Add(cloud.Failure.Message);
            }
        }

        if (complaints.Count == 0)
        {
            return clouds;
        }

        foreach (ICloud cloud in clouds)
        {
            (cloud as IDisposable)?.Dispose();
        }

        return new Failure(FailureKind.Missing, string.Join('\n', complaints));
    }

    /// <summary>One cloud.</summary>
    public Outcome<ICloud> Open(CloudSettings settings)
    {
        Outcome<ICloud> driver = settings.Driver switch
        {
            FolderDriver folder => new FolderCloud(settings.Name, folder.Path, clock, entropy),
            S3Driver s3 => OpenS3(settings.Name, s3),
            AzureDriver azure => OpenAzure(settings.Name, azure),
            WebDavDriver webDav => OpenWebDav(settings.Name, webDav),
            _ => throw new ArgumentException($"no driver for {settings.Driver.GetType()}", nameof(settings)),
        };
        if (!driver.Succeeded)
        {
            return driver;
        }

        CloudRetryOptions options = new();
        return new RetryingCloud(
            driver.Value, settings.Timeout is { } timeout ? options with { AttemptTimeout = timeout } : options, clock, entropy);
    }

    private Outcome<ICloud> OpenS3(string name, S3Driver driver)
    {
        if (driver.Profile is not null || driver.CredentialsFile is not null)
        {
            string profile = driver.Profile ?? "default";
            try
            {
                return new CredentialProfileStoreChain(driver.CredentialsFile).TryGetAWSCredentials(profile, out AWSCredentials credentials)
                    ? new S3Cloud(name, driver.Options, credentials, entropy)
                    : new Failure(FailureKind.Missing, $"cloud {name}: there is no profile '{profile}' with credentials in {driver.CredentialsFile ?? "the AWS files"}");
            }
            catch (Exception e) when (e is AmazonClientException or IOException or InvalidDataException or UnauthorizedAccessException or ArgumentException)
            {
                // What the library says of a file may repeat a line of it.
                return new Failure(FailureKind.Malformed, $"cloud {name}: the profile '{profile}' in {driver.CredentialsFile ?? "the AWS files"} cannot be read");
            }
        }

        string? key = environment("AWS_ACCESS_KEY_ID");
        string? secret = environment("AWS_SECRET_ACCESS_KEY");
        if (string.IsNullOrEmpty(key) || string.IsNullOrEmpty(secret))
        {
            return new Failure(
                FailureKind.Missing,
                $"cloud {name}: no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a 'profile' or a 'credentials-file'");
        }

        string? token = environment("AWS_SESSION_TOKEN");
        return new S3Cloud(
            name, driver.Options, string.IsNullOrEmpty(token) ? new BasicAWSCredentials(key, secret) : new SessionAWSCredentials(key, secret, token), entropy);
    }

    private Outcome<ICloud> OpenAzure(string name, AzureDriver driver)
    {
        Outcome<string> signature = Secret(name, "the shared access signature", driver.Signature);
        return signature.Succeeded ? new AzureBlobCloud(name, driver.Container, signature.Value) : signature.Failure;
    }

    private Outcome<ICloud> OpenWebDav(string name, WebDavDriver driver)
    {
        if (driver.Password is null)
        {
            return new WebDavCloud(name, new WebDavOptions(driver.Folder, null, null), entropy);
        }

        Outcome<string> password = Secret(name, "the password", driver.Password);
        return password.Succeeded
            ? new WebDavCloud(name, new WebDavOptions(driver.Folder, driver.User, password.Value), entropy)
            : password.Failure;
    }

    private Outcome<string> Secret(string cloud, string what, SecretPlace place)
    {
        if (place.Variable is { } variable)
        {
            return environment(variable) is { Length: > 0 } value
                ? value
                : new Failure(FailureKind.Missing, $"cloud {cloud}: {what} is missing: the environment has no {variable}");
        }

        try
        {
            using StreamReader reader = new(place.File!);
            char[] buffer = new char[SecretLengthMax];
            string first = new string(buffer, 0, reader.ReadBlock(buffer)).Split('\n')[0].TrimEnd('\r');
            return first.Length > 0 ? first : new Failure(FailureKind.Missing, $"cloud {cloud}: {what} is missing: {place.File} begins with an empty line");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new Failure(FailureKind.Missing, $"cloud {cloud}: {what} cannot be read: {e.Message}");
        }
    }
}
