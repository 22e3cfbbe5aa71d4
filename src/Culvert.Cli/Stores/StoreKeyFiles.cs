using Culvert.Cli.Output;
using Culvert.Enclaves;
using Culvert.Engine;
using Culvert.Sealing;
using Culvert.Storage;

namespace Culvert.Cli.Stores;

/// <summary>Whose key opens a store: the owner's, or that of a reader or writer, who knows the owner by a card.</summary>
internal sealed record StoreKeyFiles
{
    /// <param name="configuration">What the file of clouds says.</param>
    /// <param name="choice">What the command line says.</param>
    internal StoreKeyFiles(CloudConfiguration configuration, StoreChoice choice)
    {
        MemberPath = choice.KeyPath ?? configuration.Keys.GetValueOrDefault("member");
        OwnerPath = configuration.Keys.GetValueOrDefault("owner") ?? choice.Beside(MemberPath is null ? "key" : "owner");
    }

    /// <summary>The key of a client that is not the owner's; null: it is.</summary>
    internal string? MemberPath { get; }

    /// <summary>The owner's key; or for another client the owner's card.</summary>
    internal string OwnerPath { get; }

    /// <summary>Makes the owner's key when there is none; true when it did.</summary>
    internal bool MakeOwner()
    {
        if (MemberPath is not null)
        {
            throw CommandFailedException.Usage($"only its owner makes a store: {MemberPath} is to be a reader's or writer's key of another's");
        }

        if (Path.Exists(OwnerPath))
        {
            return false;
        }

        using Secret made = Secret.Random(MachineEntropy.Instance);
        OwnerKeys.Create(OwnerPath, made, null);
        return true;
    }

    /// <summary>The keys, the caller's to dispose, and the owner's card; a person may be asked for a passphrase.</summary>
    internal (StoreKeys Keys, MemberCard Owner) Open(string? passphraseFile)
    {
        if (MemberPath is null)
        {
            if (CardFile.IsCard(OwnerPath))
            {
                throw CommandFailedException.Usage($"{OwnerPath} is the owner's card: --key FILE, or 'member' under 'keys' in the file of clouds, names your own key");
            }

            using Secret owner = OwnerKeys.Open(OwnerPath, passphraseFile, Terminal.Error);
            StoreKeys owners = StoreKeys.OfOwner(owner);
            return (owners, MemberCard.Of(owners));
        }

        if (CardFile.IsCard(MemberPath))
        {
            throw CommandFailedException.Usage($"{MemberPath} is a store card, which holds no secret; the key that it was made of is wanted here");
        }

        MemberCard card = ReadOwner();
        using Secret member = OwnerKeys.Open(MemberPath, passphraseFile, Terminal.Error);
        StoreKeys keys = StoreKeys.OfMember(member, card.Signing);
        if (!keys.IsOwner)
        {
            return (keys, card);
        }

        keys.Dispose();
        throw CommandFailedException.Usage($"{MemberPath} is the owner's own key, and no reader's or writer's: the owner goes without --key, and with 'owner' under 'keys' in the file of clouds");
    }

    private MemberCard ReadOwner()
    {
        if (!File.Exists(OwnerPath))
        {
            throw CommandFailedException.Usage(
                $"there is no {OwnerPath}, the card by which you know the store's owner, who makes it by: culvert keys public KEY --store -o {Path.GetFileName(OwnerPath)}. 'owner' under 'keys' in the file of clouds names another place");
        }

        return CardFile.Read(OwnerPath);
    }
}
