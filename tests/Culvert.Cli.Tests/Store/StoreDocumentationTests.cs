using System.CommandLine;
using Culvert.Cli.Commands.Stores;

namespace Culvert.Cli.Tests.Stores;

public class StoreDocumentationTests
{
    [Fact]
    public void Every_command_and_option_is_in_the_page_of_the_command_line()
    {
        string page = File.ReadAllText(Path.Combine(Storage.Tests.CloudServers.RepositoryFolder(), "docs", "cli.md"));
        int from = page.IndexOf("\n## store\n", StringComparison.Ordinal);
        string section = page[from..page.IndexOf("\n## ", from + 1, StringComparison.Ordinal)];

        foreach ((string name, Command command) in Leaves("", StoreCommand.Make().Subcommands))
        {
            string[] lines = [.. section.Split('\n').Where(line => $"{line} ".StartsWith($"culvert store{name} ", StringComparison.Ordinal))];
            Assert.True(lines.Length == 1, $"docs/cli.md has no line for 'culvert store{name}'");
            Assert.All(command.Options.Select(option => option.Name), option =>
                Assert.True(
                    lines[0].Contains(option, StringComparison.Ordinal) || option is "--config" or "--key" or "--passphrase-file",
                    $"docs/cli.md does not say '{option}' of 'culvert store{name}'"));
            string[] said = [.. lines[0].Split(' ', '|', '[', ']').Where(word => word.StartsWith("--", StringComparison.Ordinal) && word != "--")];
            Assert.Empty(said.Except(command.Options.Select(option => option.Name)));
        }
    }

    private static IEnumerable<(string Name, Command Command)> Leaves(string before, IEnumerable<Command> commands) => commands.SelectMany(command =>
        command.Subcommands.Count > 0 ? Leaves($"{before} {command.Name}", command.Subcommands) : [($"{before} {command.Name}", command)]);
}
