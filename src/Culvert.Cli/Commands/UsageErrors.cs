using System.CommandLine;
using System.CommandLine.Parsing;
using Culvert.Cli.Output;

namespace Culvert.Cli.Commands;

/// <summary>What is said to somebody who called the program in a way it does not know.</summary>
internal static class UsageErrors
{
    /// <summary>Names the errors, what may have been meant, and where the help is.</summary>
    internal static int Explain(ParseResult parsed, string[] arguments)
    {
        Command command = parsed.CommandResult.Command;
        string path = PathOf(parsed.CommandResult);
        List<string> said = [];
        if (parsed.UnmatchedTokens is [string first, ..])
        {
            // What follows a command or an option that is not known may belong to it.
            bool isCommand = command.Subcommands.Count > 0 && !IsOption(first);
            string[] unknown = isCommand ? [first] : [.. parsed.UnmatchedTokens.Where(IsOption).DefaultIfEmpty(first)];
            said.AddRange(unknown.Select(token => Unknown(token, command)));
        }

        if (said.Count == 0)
        {
            said.AddRange(parsed.Errors.Select(e => e.Message));
        }

        if (arguments.Length == 0)
        {
            string[] commands = [.. command.Subcommands.Where(subcommand => !subcommand.Hidden).Select(subcommand => subcommand.Name)];
            said = [$"say what to do: {string.Join(", ", commands[..^1])} or {commands[^1]}"];
        }

        foreach (string message in said.Distinct())
        {
            Terminal.Error.WriteLine($"culvert: {message}");
        }

        Terminal.Error.WriteLine($"'{path} --help' shows what can be said.");
        return ExitCode.WrongUsage;
    }

    /// <summary>The candidate that is fewest edits away, at most a third of the name's length and two at least; null for none.</summary>
    internal static string? Nearest(string name, IEnumerable<string> candidates)
    {
        (string? best, int distance) = (null, Math.Max(2, name.TrimStart('-').Length / 3) + 1);
        foreach (string candidate in candidates)
        {
            int d = Distance(name, candidate);
            if (d < distance)
            {
                (best, distance) = (candidate, d);
            }
        }

        return best;
    }

    private static string Unknown(string token, Command command)
    {
        bool isOption = IsOption(token);
        IEnumerable<string> candidates = isOption
            ? Options(command)
            : command.Subcommands.Select(c => c.Name);
        string what = isOption ? $"there is no option '{token.Split('=')[0]}'"
            : command.Subcommands.Count > 0 ? $"there is no command '{token}'"
            : $"'{token}' is one argument too many";
        return Nearest(token.Split('=')[0], candidates) is { } nearest ? $"{what}; did you mean '{nearest}'?" : what;
    }

    private static IEnumerable<string> Options(Command command) =>
        command.Options.Where(o => !o.Hidden).SelectMany(o => o.Aliases.Append(o.Name)).Where(n => n.StartsWith("--", StringComparison.Ordinal));

    private static bool IsOption(string token) => token.StartsWith('-') && token.Length > 1;

    private static string PathOf(CommandResult result)
    {
        List<string> names = [];
        for (SymbolResult? at = result; at is CommandResult command; at = at.Parent)
        {
            names.Insert(0, command.Command is RootCommand ? "culvert" : command.Command.Name);
        }

        return string.Join(' ', names);
    }

    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
