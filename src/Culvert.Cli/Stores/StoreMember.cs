using System.Globalization;
using Culvert.Sealing;
using Culvert.Storage;

namespace Culvert.Cli.Stores;

/// <summary>Somebody whom a configuration names, with what is known of them here.</summary>
/// <param name="Name">What the owner calls them on this machine; empty where there is no note.</param>
/// <param name="Id">The id of their card; where only one of the keys is known, that key's id.</param>
/// <param name="Reading">Their reading key, if they are a reader.</param>
/// <param name="Signing">Their signing key, if they are a writer.</param>
internal sealed record StoreMember(string Name, string Id, HpkePublicKey? Reading, VerifyingKey? Signing)
{
    /// <summary>What they may do.</summary>
    internal string Role => Signing is null ? "reader" : Reading is null ? "writer only" : "writer";

    /// <summary>Who a configuration names beside the owner: those with cards first, in the order of names, then single keys.</summary>
    internal static IReadOnlyList<StoreMember> Of(StoreConfiguration configuration, IReadOnlyDictionary<string, MemberCard> cards, MemberCard owner)
    {
        List<HpkePublicKey> readers = [.. configuration.Readers.Where(reader => !reader.Equals(owner.Reading))];
        List<VerifyingKey> writers = [.. configuration.Writers];
        List<StoreMember> members = [];
        foreach ((string name, MemberCard card) in cards)
        {
            bool reads = readers.Remove(card.Reading);
            bool writes = writers.Remove(card.Signing);
            if (reads || writes)
            {
                members.Add(new StoreMember(name, card.Id, reads ? card.Reading : null, writes ? card.Signing : null));
            }
        }

        members.AddRange(readers.Select(reader => new StoreMember("", IdOf(reader.Bytes), reader, null)));
        members.AddRange(writers.Select(writer => new StoreMember("", IdOf(writer.Bytes), null, writer)));
        return members;
    }

    private static string IdOf(ReadOnlySpan<byte> key) => VerifyingKey.IdOf(key).ToString("x32", CultureInfo.InvariantCulture);
}
