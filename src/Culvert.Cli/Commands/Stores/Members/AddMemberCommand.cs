using System.CommandLine;
using System.Globalization;
using Culvert.Cli.Output;
using Culvert.Cli.Stores;
using Culvert.Storage;

namespace Culvert.Cli.Commands.Stores.Members;

/// <summary><c>culvert store member add</c>: lets somebody read, or read and write, by their card.</summary>
internal static class AddMemberCommand
{
    internal static Command Make()
    {
        Argument<string> name = new("NAME") { Description = "What you call the member; stays on this machine" };
        Argument<string> card = new("FILE") { Description = "The member's card (culvert keys public KEY --store)" };
        Option<bool> writer = new("--writer") { Description = "Writes too; without it a member who wrote only reads from now on" };
        Option<bool> rekey = MemberCommand.Rekey("older versions are for the member too");
        Option<bool> quiet = StoreSymbols.Quiet();
        (Command command, Func<ParseResult, StoreChoice> choice) = StoreSymbols.Command("add", "Let somebody read the store's sealed units, or read and write");
        command.Add(name);
        command.Add(card);
        command.Add(writer);
        command.Add(rekey);
        command.Add(quiet);
        command.SetAction(parsed =>
        {
            string called = parsed.GetValue(name)!;
            if (!MemberNotes.IsName(called))
            {
                throw CommandFailedException.Usage($"'{called}' is no name of a member: 1 to {MemberNotes.NameLengthMax} letters, digits and . _ - @, with no point first");
            }

            MemberCard member = CardFile.Read(parsed.GetValue(card)!);
            return StoreSession.Run(
                choice(parsed), session => AddAsync(session, called, member, parsed.GetValue(writer), parsed.GetValue(rekey), parsed.GetValue(quiet)));
        });
        return command;
    }

    private static async Task<int> AddAsync(StoreSession session, string name, MemberCard card, bool writes, bool rekey, bool isQuiet)
    {
        StoreConfiguration now = await MemberCommand.NowAsync(session).ConfigureAwait(false);
        if (card.Signing.Equals(now.Owner))
        {
            throw CommandFailedException.Usage("this is the card of the store's owner, who reads and writes as it is");
        }

        MemberNotes notes = new(session.Client.State);
        foreach ((string other, MemberCard noted) in await notes.ReadAsync(session.Stop).ConfigureAwait(false))
        {
            if ((other == name) != noted.Equals(card))
            {
                throw CommandFailedException.Usage(other == name
                    ? $"{name} has another card, {noted.Id}: culvert store member rm {name}, and add this one then"
                    : $"the one with this card is called {other} here");
            }
        }

        bool wrote = now.Writers.Contains(card.Signing);
        bool isThere = now.Readers.Contains(card.Reading) && wrote == writes;
        if (!isThere || rekey)
        {
            StoreMembers members = new(
                [.. now.Readers, card.Reading],
                writes ? [.. now.Writers, card.Signing] : [.. now.Writers.Where(key => !key.Equals(card.Signing))]);
            ShareReport report = await MemberCommand.ShareAsync(session, members, rekey, isQuiet).ConfigureAwait(false);
            Tell(report, rekey, wrote && !writes, name, isQuiet);
        }

        await notes.WriteAsync(name, card, session.Stop).ConfigureAwait(false);
        string role = writes ? "reads and writes" : "reads";
        string since = isThere ? "as before" : string.Create(CultureInfo.InvariantCulture, $"by configuration {session.Store.Configuration.Number}");
        Terminal.Out.WriteLine($"{name}, card {card.Id}: {role}, {since}");
        return ExitCode.Success;
    }

    private static void Tell(ShareReport report, bool rekey, bool writesNoMore, string name, bool isQuiet)
    {
        if (isQuiet)
        {
            return;
        }

        Terminal.Error.WriteLine(rekey
            ? $"culvert: {Units(report)} have new keys, in all their versions"
            : $"culvert: {Units(report)} have new metadata; a sealed unit's newest version is for {name} too, and older ones are once all are re-keyed (--rekey)");
        if (writesNoMore)
        {
            Terminal.Error.WriteLine($"culvert: what {name} wrote stays, signed by the owner; take the right to write away at the clouds too");
        }
    }

    private static string Units(ShareReport report) => string.Create(CultureInfo.InvariantCulture, $"{report.Units} units");
}
