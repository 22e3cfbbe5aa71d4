namespace Culvert.Storage;

/// <summary>A page as a server gives it. <paramref name="Next"/>: how it wants to be asked for the next one; null at the end.</summary>
internal sealed record ServerPage(List<CloudEntry> Entries, string? Next);

/// <summary>
/// Makes of a server's pages what <see cref="ICloud.ListAsync"/> promises, whatever the server does: names that cannot be, that were
/// not asked for, or that come twice are passed over, and a server that does not list in ordinal order is listed to its end.
/// </summary>
/// <param name="call">The call, for messages.</param>
/// <param name="prefix">What names start with.</param>
/// <param name="after">What they come behind, or null.</param>
/// <param name="pageAsync">Asks for a page, by what the one before said, or null.</param>
internal sealed class PagedListing(
    string call, string prefix, string? after, Func<string?, CancellationToken, ValueTask<CloudOutcome<ServerPage>>> pageAsync)
{
    // Of a server without order everything has to be kept before the first name is known: 100,000 of some 100 bytes.
    private const int UnorderedMax = 100_000;

    /// <summary>How the server continues behind the names that were returned; null when it is not known.</summary>
    internal string? Next { get; private set; }

    /// <summary>Lists from the page that <paramref name="start"/> leads to.</summary>
    internal async ValueTask<CloudOutcome<CloudListing>> ListAsync(string? start, CancellationToken cancellationToken)
    {
        List<CloudEntry> found = [];
        bool isOrdered = true;
        string? token = start;
        for (int pages = 0; pages < AnswerLimits.PagesMax && found.Count <= UnorderedMax; pages++)
        {
            CloudOutcome<ServerPage> page = await pageAsync(token, cancellationToken).ConfigureAwait(false);
            if (!page.Succeeded)
            {
                return page.Failure;
            }

            isOrdered &= IsOrdered(page.Value.Entries);
            found.AddRange(page.Value.Entries.Where(IsWanted));
            token = page.Value.Next;
            if (token is null || (isOrdered && found.Count > 0))
            {
                return Cut(found, token);
            }
        }

        return new CloudFailure(CloudFailureKind.Malformed, $"{call}: its list has no end");
    }

    private CloudListing Cut(List<CloudEntry> found, string? token)
    {
        List<CloudEntry> entries = [.. found.OrderBy(entry => entry.Name, StringComparer.Ordinal).DistinctBy(entry => entry.Name)];
        if (entries.Count > CloudLimits.ListEntriesMax)
        {
            return new CloudListing(entries[..CloudLimits.ListEntriesMax], HasMore: true);
        }

        Next = token;
        return new CloudListing(entries, token is not null);
    }

    private bool IsWanted(CloudEntry entry) =>
        entry.Bytes >= 0 && CloudName.IsSound(entry.Name) && entry.Name.StartsWith(prefix, StringComparison.Ordinal)
        && (after is null || string.CompareOrdinal(entry.Name, after) > 0);

    private static bool IsOrdered(List<CloudEntry> entries) =>
        entries.Zip(entries.Skip(1)).All(pair => string.CompareOrdinal(pair.First.Name, pair.Second.Name) <= 0);
}
