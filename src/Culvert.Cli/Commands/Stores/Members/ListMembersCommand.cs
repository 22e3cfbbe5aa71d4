using System.CommandLine;
using System.Text.Json;
using Culvert.Cli.Output;
using Culvert.Cli.Stores;
using Culvert.Storage;
using Culvert.Streams;

namespace Culvert.Cli.Commands.Stores.Members;

/// <summary><c>culvert store member ls</c>: who reads and writes, by the configuration in use.</summary>
internal static class ListMembersCommand
{
    private static readonly Field[] s_columns =
    [
        new("member", new ColumnType(ValueKind.Text)),
        new("may", new ColumnType(ValueKind.Text)),
        new("id", new ColumnType(ValueKind.Text)),
    ];

    internal static Command Make()
    {
        Option<bool> json = StoreSymbols.Json();
        (Command command, Func<ParseResult, StoreChoice> choice) = StoreSymbols.Command(
            "ls", "Show who reads and writes: by name where this client has noted one, else by the ids of keys");
        command.Add(json);
        command.SetAction(parsed => StoreSession.Run(choice(parsed), async session =>
        {
            await session.Store.RefreshAsync(session.Stop).ConfigureAwait(false);
            Write(session.Store.Configuration, await MembersAsync(session).ConfigureAwait(false), parsed.GetValue(json));
            return ExitCode.Success;
        }));
        return command;
    }

    /// <summary>The owner first, then the members; a client that is not the owner's finds itself by its own card.</summary>
    private static async Task<(string Name, string Role, string Id)[]> MembersAsync(StoreSession session)
    {
        SortedDictionary<string, MemberCard> cards = await new MemberNotes(session.Client.State).ReadAsync(session.Stop).ConfigureAwait(false);
        if (!session.Client.IsOwner)
        {
            cards["(this client)"] = session.Client.Card;
        }

        MemberCard owner = session.Client.OwnerCard;
        return [("(owner)", "owner", owner.Id), .. StoreMember.Of(session.Store.Configuration, cards, owner).Select(member => (member.Name, member.Role, member.Id))];
    }

    private static void Write(StoreConfiguration configuration, (string Name, string Role, string Id)[] members, bool isJson)
    {
        if (!isJson)
        {
            TextTable.Write(Terminal.Out, s_columns, [.. members.Select(member => new[] { member.Name, member.Role, member.Id })]);
            return;
        }

        StoreJson.Write(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("configuration", configuration.Number);
            json.WriteStartArray("members");
            foreach ((string name, string role, string id) in members)
            {
                WriteMember(json, name, role, id);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static void WriteMember(Utf8JsonWriter json, string name, string role, string id)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("may", role);
        json.WriteString("id", id);
        json.WriteEndObject();
    }
}
