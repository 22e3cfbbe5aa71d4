using System.CommandLine;
using Culvert.Cli.Output;
using Culvert.Cli.Sealed;
using Culvert.Cli.Stores;
using Culvert.Engine;
using Culvert.Storage;

namespace Culvert.Cli.Commands.Stores;

/// <summary><c>culvert store get</c>: a version of a unit becomes a file, when all of it is right.</summary>
internal static class GetUnitCommand
{
    internal static Command Make()
    {
        Argument<string> unit = StoreSymbols.Unit();
        Argument<string> file = new("FILE") { Description = "The file to write, once all of it is right; - is standard output" };
        Option<long?> version = StoreSymbols.Version();
        Option<ByteRange?> range = new("--range")
        {
            Description = "Only these bytes, the first and the last one counted from 0: 100-199, 100- to the end, -100 the last hundred",
            HelpName = "A-B",
            CustomParser = result =>
            {
                ByteRange? parsed = ByteRange.TryParse(result.Tokens[0].Value);
                if (parsed is null)
                {
                    result.AddError($"--range is A-B, A- or -N, and not '{result.Tokens[0].Value}'");
                }

                return parsed;
            },
        };
        Option<string?> order = JobSymbols.OneOf("--order", "Which clouds are read from first; default: fastest", "fastest", "cheapest", "mixed");
        Option<bool> quiet = StoreSymbols.Quiet();
        (Command command, Func<ParseResult, StoreChoice> choice) = StoreSymbols.Command("get", "Write a unit's newest version, or another one, to a file");
        command.Add(unit);
        command.Add(file);
        command.Add(version);
        command.Add(range);
        command.Add(order);
        command.Add(quiet);
        command.SetAction(parsed =>
        {
            StoreOptions options = new()
            {
                Speculate = true,
                Order = parsed.GetValue(order) switch { "cheapest" => ReadOrder.Cheapest, "mixed" => ReadOrder.Mixed, _ => ReadOrder.Fastest },
            };
            return StoreSession.Run(choice(parsed) with { Options = options }, session => GetAsync(
                session, parsed.GetValue(unit)!, parsed.GetValue(file)!, parsed.GetValue(version), parsed.GetValue(range), parsed.GetValue(quiet)));
        });
        return command;
    }

    /// <summary>Writes a version, or a part of it, to a file, which is there afterwards only if all went well.</summary>
    internal static async Task<int> GetAsync(StoreSession session, string unit, string path, long? version, ByteRange? range, bool isQuiet)
    {
        if (path == "-")
        {
            await WriteAsync(session, unit, DescriptorStream.StandardOutput, version, range, isQuiet: true).ConfigureAwait(false);
            return ExitCode.Success;
        }

        if (Directory.Exists(path))
        {
            throw new CommandFailedException(ExitCode.Failed, $"{path}: a folder, and not a file; 'store export' writes to folders");
        }

        using OutputFile output = new(path);
        try
        {
            await WriteAsync(session, unit, output.Stream, version, range, isQuiet).ConfigureAwait(false);
            output.Complete();
        }
        catch (Exception failure) when (failure is IOException or ArgumentOutOfRangeException)
        {
            // The last is what .NET makes of a file that may not grow further.
            Remove(path, output);
            throw new CommandFailedException(ExitCode.Failed, $"cannot write {path}: {failure.Message}", failure);
        }
        catch
        {
            Remove(path, output);
            throw;
        }

        return ExitCode.Success;
    }

    private static void Remove(string path, OutputFile output)
    {
        output.Dispose();
        if (!OutputFile.IsDevice(path))
        {
            File.Delete(path + FileSinkSpec.PartialSuffix);
        }
    }

    private static async Task WriteAsync(StoreSession session, string unit, Stream destination, long? version, ByteRange? range, bool isQuiet)
    {
        using StepProgress progress = new($"get {unit}", null, isQuiet);
        MeteredStream metered = new(destination, progress);
        if (range is null)
        {
            StoreSession.ValueOf(await session.Store.GetAsync(unit, metered, version, session.Stop).ConfigureAwait(false));
            return;
        }

        // One version from the beginning to the end, whatever is put meanwhile.
        IReadOnlyList<UnitVersion> kept = StoreSession.ValueOf(await session.Store.HistoryAsync(unit, session.Stop).ConfigureAwait(false));
        UnitVersion chosen = (version is null ? kept[^1] : kept.FirstOrDefault(one => one.Number == version))
            ?? throw new CommandFailedException(ExitCode.Failed, $"{unit}: version {version} is not kept; 'store history {unit}' shows which are");
        (long from, long to) = range.Within(chosen.Bytes);
        byte[] piece = new byte[UnitLimits.ChunkBytesDefault];
        while (from < to)
        {
            // Pieces end where chunks do, so that none is read twice.
            int wanted = (int)Math.Min(to - from, piece.Length - (from % piece.Length));
            int read = StoreSession.ValueOf(await session.Store.ReadAsync(unit, from, piece.AsMemory(0, wanted), chosen.Number, session.Stop).ConfigureAwait(false));
            Invariant.Holds(read == wanted, "a version is as long as its metadata says");
            await metered.WriteAsync(piece.AsMemory(0, read), session.Stop).ConfigureAwait(false);
            from += read;
        }
    }
}
