using System.Text;
using Culvert.Storage;

namespace Culvert.Cli.Stores;

/// <summary>
/// What the owner calls each member, with the member's card, in the client's folder: the clouds learn keys and no names. Whoever
/// loses it goes by cards and key ids.
/// </summary>
internal sealed class MemberNotes(IBlobs state)
{
    /// <summary>Characters of a name.</summary>
    internal const int NameLengthMax = 64;

    private const string Folder = "members/";

    /// <summary>Letters, digits and . _ - @, and no point first.</summary>
    internal static bool IsName(string text) =>
        text.Length is >= 1 and <= NameLengthMax && text[0] != '.' && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '@');

    /// <summary>All notes, by name; what is no card any more is left out.</summary>
    internal async ValueTask<SortedDictionary<string, MemberCard>> ReadAsync(CancellationToken cancellationToken)
    {
        SortedDictionary<string, MemberCard> notes = new(StringComparer.Ordinal);
        foreach (string name in await state.ListAsync(Folder, cancellationToken).ConfigureAwait(false))
        {
            byte[] text = new byte[MemberCard.BytesMax + 1];
            int length = await state.ReadAsync(name, 0, text, cancellationToken).ConfigureAwait(false);
            if (MemberCard.TryRead(text.AsSpan(0, length)) is { Succeeded: true } card)
            {
                notes[name[Folder.Length..]] = card.Value;
            }
        }

        return notes;
    }

    internal ValueTask WriteAsync(string name, MemberCard card, CancellationToken cancellationToken) =>
        state.PutAsync(Folder + name, Encoding.ASCII.GetBytes(card.Write()), cancellationToken);

    internal ValueTask RemoveAsync(string name, CancellationToken cancellationToken) => state.DeleteAsync(Folder + name, cancellationToken);
}
