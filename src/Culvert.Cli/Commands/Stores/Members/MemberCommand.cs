using System.CommandLine;
using Culvert.Cli.Output;
using Culvert.Cli.Stores;
using Culvert.Storage;

namespace Culvert.Cli.Commands.Stores.Members;

/// <summary><c>culvert store member</c>: who may read and write a store beside its owner.</summary>
internal static class MemberCommand
{
    internal static Command Make()
    {
        Command member = new("member", "Say who may read and write the store, beside its owner");
        member.Add(AddMemberCommand.Make());
        member.Add(RemoveMemberCommand.Make());
        member.Add(ListMembersCommand.Make());
        return member;
    }

    internal static Option<bool> Rekey(string why) => new("--rekey") { Description = $"Give every kept version a new key and new blocks, which sends all data anew: {why}" };

    /// <summary>The newest configuration, which a client changes that is the owner's; any other is refused.</summary>
    internal static async Task<StoreConfiguration> NowAsync(StoreSession session)
    {
        if (!session.Client.IsOwner)
        {
            throw new CommandFailedException(ExitCode.Failed, "only the owner can change who reads and writes");
        }

        await session.Store.RefreshAsync(session.Stop).ConfigureAwait(false);
        return session.Store.Configuration;
    }

    /// <summary>Makes these the store's members, and tells on a terminal how far it is.</summary>
    internal static async Task<ShareReport> ShareAsync(StoreSession session, StoreMembers members, bool rekey, bool isQuiet)
    {
        int units = 0;
        bool talks = Terminal.ErrorIsTerminal && !isQuiet;
        Outcome<ShareReport> shared = await session.Store.ShareAsync(members, rekey, Tell, session.Stop).ConfigureAwait(false);
        if (talks && units > 0)
        {
            Terminal.Error.Write("\r\u001b[K");
        }

        ShareReport report = StoreSession.ValueOf(shared);
        foreach (string unit in report.Unopened)
        {
            Terminal.Error.WriteLine($"culvert: {unit}: its writer wrapped its key for others only, so it stays as it was until it is put again");
        }

        if (report.Behind.Count > 0)
        {
            Terminal.Error.WriteLine(
                $"culvert: {string.Join(" and ", report.Behind)} could not take the new configuration: until 'store verify --repair' mends that, clouds that lie can show the one before to whoever comes for the first time");
        }

        return report;

        void Tell(string unit)
        {
            units++;
            if (talks)
            {
                Terminal.Error.Write($"\r{units} units, {unit[..Math.Min(unit.Length, 40)]}\u001b[K");
            }
        }
    }
}
