using System.Collections.Immutable;
using Culvert.Attestation;

namespace Culvert.KeyBroker;

/// <summary>
/// Manifests in files, taken by a broker at start and again when a file changes. What cannot be taken is said loudly, and the
/// version that was taken before stays current.
/// </summary>
/// <param name="core">The broker.</param>
/// <param name="paths">The manifests' files, with their histories beside them.</param>
/// <param name="clock">When files are looked at.</param>
/// <param name="say">Is told what a person should know.</param>
public sealed class ManifestWatch(KeyBrokerCore core, ImmutableArray<string> paths, IClock clock, Action<string> say)
{
    /// <summary>How often files are looked at: a revocation takes effect that soon.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, (DateTime Written, long Bytes)> _seen = new(StringComparer.Ordinal);

    /// <summary>Takes all manifests; the first that cannot be taken is the failure.</summary>
    public async Task<Failure?> TakeAllAsync(CancellationToken cancellationToken)
    {
        foreach (string path in paths)
        {
            _seen[path] = StateOf(path);
            Outcome<SignedManifest> taken = await TakeAsync(path, cancellationToken).ConfigureAwait(false);
            if (!taken.Succeeded)
            {
                return new Failure(taken.Failure.Kind, $"{path}: {taken.Failure.Message}");
            }
        }

        return null;
    }

    /// <summary>Looks at the files until it is cancelled.</summary>
    public async Task WatchAsync(CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await clock.Delay(Interval, cancellationToken).ConfigureAwait(false);
            await LookAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Looks once.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        foreach (string path in paths)
        {
            (DateTime, long) state = StateOf(path);
            if (_seen.TryGetValue(path, out (DateTime, long) before) && before == state)
            {
                continue;
            }

            _seen[path] = state;
            Outcome<SignedManifest> taken = await TakeAsync(path, cancellationToken).ConfigureAwait(false);
            say(taken.Succeeded
                ? $"{path}: version {taken.Value.Manifest.Version} of {taken.Value.Manifest.Job} is current, key epoch {taken.Value.Manifest.Epoch.Value}"
                : $"REFUSED {path}: {taken.Failure.Message}; the version that was current before stays so");
        }
    }

    private async Task<Outcome<SignedManifest>> TakeAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            return ManifestFile.TryLoad(path, core.OwnerKey.AsSpan(), out ManifestHistory? history, out ManifestRefusal? refusal)
                ? await core.TakeAsync(history, cancellationToken).ConfigureAwait(false)
                : refusal.ToFailure();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return new Failure(FailureKind.Io, failure.Message);
        }
    }

    private static (DateTime Written, long Bytes) StateOf(string path)
    {
        FileInfo file = new(path);
        return file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
    }
}
