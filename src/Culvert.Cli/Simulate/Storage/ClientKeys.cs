using Culvert.Sealing;
using Culvert.Storage;

namespace Culvert.Cli.Simulate;

/// <summary>The keys of everybody in a world: always the same, and each thread's own, since signatures are made under a lock.</summary>
internal sealed class ClientKeys
{
    [ThreadStatic]
    private static ClientKeys? t_keys;

    private ClientKeys()
    {
        Owner = Make(1, secret => StoreKeys.OfOwner(secret));
        Writer = Make(2, secret => StoreKeys.OfMember(secret, Owner.Owner));
        Reader = Make(3, secret => StoreKeys.OfMember(secret, Owner.Owner));
        Stranger = Make(4, secret => StoreKeys.OfMember(secret, Owner.Owner));
    }

    internal static ClientKeys OfThread => t_keys ??= new ClientKeys();

    internal StoreKeys Owner { get; }

    /// <summary>A member who may write and read.</summary>
    internal StoreKeys Writer { get; }

    /// <summary>A member who may read.</summary>
    internal StoreKeys Reader { get; }

    /// <summary>Nobody's member: knows the owner's public key, and can reach the clouds.</summary>
    internal StoreKeys Stranger { get; }

    private static StoreKeys Make(byte first, Func<Secret, StoreKeys> derive)
    {
        using Secret secret = Secret.CopyOf([.. Enumerable.Range(first, Secret.KeyBytes).Select(i => (byte)i)]);
        return derive(secret);
    }
}
