using System.CommandLine;
using System.Globalization;
using Culvert.Cli.Output;
using Culvert.Cli.Stores;
using Culvert.Storage;

namespace Culvert.Cli.Commands.Stores.Members;

/// <summary><c>culvert store member rm</c>: somebody reads and writes no more.</summary>
internal static class RemoveMemberCommand
{
    internal static Command Make()
    {
        Argument<string> who = new("MEMBER") { Description = "The member's name, card file, or id as 'store member ls' shows it" };
        Option<bool> rekey = MemberCommand.Rekey("keys that the member has kept open nothing that lies on the clouds then");
        Option<bool> quiet = StoreSymbols.Quiet();
        (Command command, Func<ParseResult, StoreChoice> choice) = StoreSymbols.Command("rm", "Let somebody read and write no more");
        command.Add(who);
        command.Add(rekey);
        command.Add(quiet);
        command.SetAction(parsed => StoreSession.Run(
            choice(parsed), session => RemoveAsync(session, parsed.GetValue(who)!, parsed.GetValue(rekey), parsed.GetValue(quiet))));
        return command;
    }

    private static async Task<int> RemoveAsync(StoreSession session, string who, bool rekey, bool isQuiet)
    {
        StoreConfiguration now = await MemberCommand.NowAsync(session).ConfigureAwait(false);
        MemberNotes notes = new(session.Client.State);
        SortedDictionary<string, MemberCard> noted = await notes.ReadAsync(session.Stop).ConfigureAwait(false);
        IReadOnlyList<StoreMember> members = StoreMember.Of(now, noted, session.Client.Card);
        StoreMember? found = members.FirstOrDefault(member => member.Name == who) ?? members.FirstOrDefault(member => member.Id == who);
        if (found is null && File.Exists(who))
        {
            MemberCard card = CardFile.Read(who);
            found = members.FirstOrDefault(member => member.Id == card.Id)
                ?? StoreMember.Of(now, new Dictionary<string, MemberCard> { [who] = card }, session.Client.Card).FirstOrDefault(member => member.Name == who);
        }

        if (found is null)
        {
            throw CommandFailedException.Usage($"the store has no member '{who}': culvert store member ls shows them; a card file names one too");
        }

        StoreMembers left = new([.. now.Readers.Where(key => !key.Equals(found.Reading))], [.. now.Writers.Where(key => !key.Equals(found.Signing))]);
        ShareReport report = await MemberCommand.ShareAsync(session, left, rekey, isQuiet).ConfigureAwait(false);
        if (noted.ContainsKey(found.Name))
        {
            await notes.RemoveAsync(found.Name, session.Stop).ConfigureAwait(false);
        }

        Tell(report, found, rekey, session.Store.Configuration.Number, isQuiet);
        return ExitCode.Success;
    }

    private static void Tell(ShareReport report, StoreMember member, bool rekey, long configuration, bool isQuiet)
    {
        string name = member.Name.Length > 0 ? member.Name : member.Id;
        Terminal.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{name}: {(member.Signing is null ? "reads" : "reads and writes")} no more, by configuration {configuration}; {report.Units} units have new {(rekey ? "keys" : "metadata")}"));
        if (isQuiet)
        {
            return;
        }

        if (!rekey && member.Reading is not null)
        {
            Terminal.Error.WriteLine($"culvert: new versions are not for {name}. What {name} could read until now has the keys that it had, which may have been kept: with --rekey it gets new ones, and the old blocks go");
        }

        Terminal.Error.WriteLine($"culvert: take {name}'s credentials away at the clouds too: they alone keep somebody from reading 'shared' units, and from removing or planting objects");
    }
}
