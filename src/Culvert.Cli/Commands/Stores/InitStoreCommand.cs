using System.CommandLine;
using System.Globalization;
using Culvert.Cli.Output;
using Culvert.Cli.Stores;
using Culvert.Storage;

namespace Culvert.Cli.Commands.Stores;

/// <summary><c>culvert store init</c>: tries every cloud, makes the owner's key where there is none, and the store.</summary>
internal static class InitStoreCommand
{
    internal static Command Make()
    {
        (Command command, Func<ParseResult, StoreChoice> choice) = StoreSymbols.Command(
            "init", "Make a store on the clouds of a file: tries each for reach, rights and consistency, and makes the owner's key when there is none");
        command.SetAction(parsed =>
        {
            using StoreClient client = new(choice(parsed), isNew: true);
            if (client.MadeKey)
            {
                Terminal.Error.WriteLine($"culvert: made the owner's key {client.KeyPath}; a lost key is lost data: culvert keys backup {client.KeyPath} --shares 5 --threshold 3");
            }

            return StoreSession.Run(client, stop => Store.CreateAsync(client.NewSetup, client.Places, [], [], stop), session =>
            {
                Tell(session.Store.Configuration);
                return Task.FromResult(ExitCode.Success);
            });
        });
        return command;
    }

    private static void Tell(StoreConfiguration configuration)
    {
        foreach (CloudPlace cloud in configuration.Clouds)
        {
            Terminal.Out.WriteLine($"{cloud.Name}: can be listed, read, written and cleaned up ({cloud.Location})");
        }

        int faults = (configuration.Clouds.Count - 1) / 3;
        Terminal.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"store {configuration.Store}: {configuration.Clouds.Count} clouds, of which {faults} may lie (f = {faults})"));
    }
}
