using System.CommandLine;
using Culvert.Cli.Commands.Stores.Members;

namespace Culvert.Cli.Commands.Stores;

/// <summary><c>culvert store</c>: units over several clouds of which some may lie (docs/storage.md).</summary>
internal static class StoreCommand
{
    internal static Command Make()
    {
        Command store = new("store", "Keep units over several clouds of which some may lose, alter or leak what they hold");
        store.Add(InitStoreCommand.Make());
        store.Add(PutUnitCommand.Make());
        store.Add(GetUnitCommand.Make());
        store.Add(ListUnitsCommand.Make());
        store.Add(RemoveUnitCommand.Make());
        store.Add(HistoryCommand.Make());
        store.Add(StoreStatusCommand.Make());
        store.Add(LockCommand.Make());
        store.Add(MemberCommand.Make());
        store.Add(VerifyStoreCommand.Make());
        store.Add(ReplaceCloudCommand.Make());
        store.Add(CollectCommand.Make());
        store.Add(ImportCommand.Make());
        store.Add(ExportCommand.Make());
        store.Add(CostCommand.Make());
        return store;
    }
}
