using System.CommandLine;
using System.Globalization;
using Culvert.Cli.Output;
using Culvert.Cli.Sealed;
using Culvert.Cli.Stores;
using Culvert.Storage;

namespace Culvert.Cli.Commands.Stores;

/// <summary><c>culvert store put</c>: a file, or standard input, becomes a unit's newest version.</summary>
internal static class PutUnitCommand
{
    internal static Command Make()
    {
        Argument<string> unit = StoreSymbols.Unit();
        Argument<string> file = new("FILE") { Description = "What is put; - is standard input" };
        Option<int?> keep = StoreSymbols.Count("--keep", "Keep so many versions, with this one; default: all", UnitLimits.VersionsMax);
        Option<string?> keys = StoreSymbols.Keys();
        Option<bool> replicated = StoreSymbols.Replicated();
        Option<long?> after = new("--after") { Description = "Refuse unless the newest version is this one; 0: unless there is none", HelpName = "N" };
        Option<bool> quiet = StoreSymbols.Quiet();
        (Command command, Func<ParseResult, StoreChoice> choice) = StoreSymbols.Command("put", "Store a file as a unit's newest version");
        command.Add(unit);
        command.Add(file);
        command.Add(keep);
        command.Add(keys);
        command.Add(replicated);
        command.Add(after);
        command.Add(quiet);
        command.SetAction(parsed =>
        {
            PutOptions options = new() { Keep = parsed.GetValue(keep) ?? UnitLimits.VersionsMax, Expected = parsed.GetValue(after) };
            StoreOptions use = StoreSymbols.PutsAs(parsed.GetValue(keys), parsed.GetValue(replicated));
            using Stream content = Open(parsed.GetValue(file)!);
            return StoreSession.Run(
                choice(parsed) with { Options = use },
                session => PutAsync(session, parsed.GetValue(unit)!, content, options, parsed.GetValue(quiet)));
        });
        return command;
    }

    /// <summary>Puts a stream, and tells what became of it.</summary>
    internal static async Task<int> PutAsync(StoreSession session, string unit, Stream content, PutOptions options, bool isQuiet)
    {
        PutReceipt receipt;
        PutOptions leased = options with { Lease = session.LeaseFor(unit) };
        using (StepProgress progress = new($"put {unit}", content.CanSeek ? content.Length : null, isQuiet))
        {
            MeteredStream metered = new(content, progress);
            receipt = StoreSession.ValueOf(await session.Store.PutAsync(unit, metered, leased, session.Stop).ConfigureAwait(false));
        }

        Terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{unit}: version {receipt.Number}, {receipt.Bytes} bytes"));
        Terminal.Flush();
        if (receipt.ChunksResumed > 0 && !isQuiet)
        {
            Terminal.Error.WriteLine($"culvert: went on with an upload that was cut short: {receipt.ChunksResumed} chunks were there already");
        }

        if (receipt.Behind.Count > 0)
        {
            await session.FinishAsync().ConfigureAwait(false);
            await TellBehindAsync(session, unit).ConfigureAwait(false);
        }

        return ExitCode.Success;
    }

    internal static FileStream OpenFile(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCode.Failed, Directory.Exists(path) ? $"{path}: a folder, and not a file; 'store import' takes folders" : $"cannot read {path}: {failure.Message}", failure);
        }
    }

    private static Stream Open(string path) => path == "-" ? Console.OpenStandardInput() : OpenFile(path);

    private static async Task TellBehindAsync(StoreSession session, string unit)
    {
        IReadOnlyList<UnderReplication> behind = await session.Store.BehindAsync(session.Stop).ConfigureAwait(false);
        if (behind.FirstOrDefault(one => one.Unit == unit) is { } lacking)
        {
            Terminal.Error.WriteLine($"culvert: {unit} is stored, but {string.Join(" and ", lacking.Clouds)} could not take all of it; 'store verify {unit} --repair' mends that later");
        }
    }
}
