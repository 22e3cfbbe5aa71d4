using System.Collections.Immutable;
using System.Security.Cryptography;
using Culvert.Attestation;
using Culvert.Enclaves;
using Culvert.Sealing;

namespace Culvert.Engine;

/// <summary>Where enclaves of a run get their keys from, as a command line says it. All null: from the owner's key, without evidence.</summary>
public sealed record KeySource
{
    /// <summary>The address of the owner's broker.</summary>
    public string? Broker { get; init; }

    /// <summary>The certificate of the broker's authority, PEM.</summary>
    public string? BrokerAuthority { get; init; }

    /// <summary>A manifest, over which a broker runs in this process with the owner's key.</summary>
    public string? Manifest { get; init; }

    /// <summary>The folder with the collateral of this machine, or null.</summary>
    public string? Collateral { get; init; }

    /// <summary>How often it is asked whether what was released still stands; default 1 minute.</summary>
    public TimeSpan CheckInterval { get; init; } = ReleaseWatch.IntervalDefault;

    /// <summary>The shortest <see cref="CheckInterval"/>: a broker answers sixteen requests a second of one client.</summary>
    public static TimeSpan CheckIntervalMin { get; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether enclaves have to bring evidence.</summary>
    public bool Attests => Broker is not null || Manifest is not null;

    /// <summary>What does not fit together, or null.</summary>
    /// <param name="hasKey">Whether the owner's key is there.</param>
    public string? WhatIsWrong(bool hasKey) => this switch
    {
        { Broker: not null, Manifest: not null } => "--broker and --manifest are two places for keys to come from: choose one",
        { Broker: { } address } when !BrokerClient.IsAddress(address) => $"--broker {address}: the address of a key broker is https://HOST:PORT, as it says when it starts",
        { BrokerAuthority: not null, Broker: null } => "--broker-ca says whose certificate the broker shows, and there is no --broker URL",
        { Collateral: not null, Attests: false } => "--collateral is for whoever verifies enclaves' evidence, and there is neither --broker URL nor --manifest FILE",
        _ when CheckInterval < CheckIntervalMin => "--release-check is at least 1s",
        { Manifest: not null } when !hasKey => "--manifest releases keys in this process, which needs the owner's key: --key FILE",
        _ => null,
    };

    /// <summary>
    /// What reads <see cref="Collateral"/>, each time anew; null when there is none. A folder that holds no one machine's throws
    /// <see cref="OwnerKeyException"/>.
    /// </summary>
    public Func<ImmutableSortedDictionary<string, ImmutableArray<byte>>>? OpenCollateral()
    {
        if (Collateral is not { } path)
        {
            return null;
        }

        CollateralFolder folder = new(path);
        Outcome<ImmutableArray<ImmutableSortedDictionary<string, ImmutableArray<byte>>>> sets = folder.Read();
        return sets.Failure is { } failure ? throw OwnerKeyException.Usage($"--collateral {failure.Message}")
            : sets.Value.Length > 1 ? throw OwnerKeyException.Usage($"--collateral {path}: collateral of {sets.Value.Length} machines; name the folder of this machine's (a broker takes all of them)")
            : () => folder.Sets() is [{ } set, ..] ? set : sets.Value[0];
    }

    /// <summary>
    /// The broker, or null when there is none to ask; the caller disposes it. A manifest that is not the owner's, or does not
    /// hold, and the like throw <see cref="JobFailedException"/>.
    /// </summary>
    public (IKeyBroker Broker, IDisposable Owned)? Open(Secret? owner)
    {
        if (Broker is { } address)
        {
            Outcome<BrokerClient> client = BrokerClient.Of(address, BrokerAuthority);
            return client.Succeeded ? (client.Value, client.Value)
                : throw (client.Failure.Kind == FailureKind.Missing ? OwnerKeyException.Usage(client.Failure.Message) : new JobFailedException(client.Failure.Message));
        }

        if (Manifest is not { } path)
        {
            return null;
        }

        if (!File.Exists(path))
        {
            throw OwnerKeyException.Usage($"{path}: there is no such manifest; 'culvert manifest init JOB --key FILE -o {path}' makes one");
        }

        using ECDsa key = SigningKeys.OfOwner(owner!);
        if (!ManifestFile.TryLoad(path, key.ExportSubjectPublicKeyInfo(), out ManifestHistory? history, out ManifestRefusal? refusal))
        {
            throw new JobFailedException($"the manifest {path} is not to be used: {refusal}");
        }

        KeyBrokerCore core = new(owner!, new KeyBrokerPorts(MachineClock.Instance, MachineEntropy.Instance, new MemoryReleaseLog()), new KeyBrokerOptions());
        Outcome<SignedManifest> taken = core.TakeAsync(history, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        if (taken.Succeeded)
        {
            ManifestBroker broker = new(core, path);
            return (broker, broker);
        }

        core.Dispose();
        throw new JobFailedException($"{path}: {taken.Failure.Message}");
    }
}
