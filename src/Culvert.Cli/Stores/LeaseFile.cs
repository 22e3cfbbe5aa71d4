using System.Globalization;
using Culvert.Enclaves;
using Culvert.Engine;
using Culvert.Storage;

namespace Culvert.Cli.Stores;

/// <summary>
/// A lease that <c>store lock</c> holds, as a file in the client's folder, so that commands which run under it know of it: there for
/// as long as the lease is, and rewritten when it is renewed.
/// </summary>
internal sealed class LeaseFile : IDisposable
{
    /// <summary>In the environment of the command that runs under the lease: the file, behind those of leases around it, a line each.</summary>
    internal const string Variable = "CULVERT_STORE_LEASE";

    internal const string Mark = "culvert store lease 1";

    private readonly UnitLease _lease;
    private readonly StoreId _store;
    private readonly string _path;
    private DateTimeOffset _written;

    private LeaseFile(UnitLease lease, StoreId store, string path) => (_lease, _store, _path) = (lease, store, path);

    /// <summary>What <see cref="Variable"/> is for the command.</summary>
    internal string Inheritance => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } outer ? $"{outer}\n{_path}" : _path;

    /// <summary>Makes the file; failures throw <see cref="CommandFailedException"/>.</summary>
    internal static LeaseFile Create(UnitLease lease, StoreId store, string statePath)
    {
        string folder = Path.Combine(Path.GetFullPath(statePath), "leases");
        PrivateFile.CreateFolder(folder);
        RemoveForgotten(folder);
        Span<byte> token = stackalloc byte[16];
        MachineEntropy.Instance.Fill(token);
        LeaseFile file = new(lease, store, Path.Combine(folder, Convert.ToHexStringLower(token)));
        try
        {
            file.Write(lease.EndsUtc);
            return file;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCode.Failed, $"cannot write {file._path}: {failure.Message}", failure);
        }
    }

    /// <summary>
    /// Writes until when the lease lasts now, if it was renewed. While that cannot be written, commands go by the time before, and
    /// write nothing once that is over.
    /// </summary>
    internal void Follow()
    {
        DateTimeOffset ends = _lease.EndsUtc;
        if (ends == _written)
        {
            return;
        }

        try
        {
            Write(ends);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // Tried again when it is looked at next.
        }
    }

    /// <summary>The lease is over for whoever runs under it.</summary>
    public void Dispose()
    {
        try
        {
            File.Delete(_path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // It ends by the time that it says.
        }
    }

    /// <summary>Removes what processes left that were killed: no lease lasts so long without being renewed.</summary>
    private static void RemoveForgotten(string folder)
    {
        foreach (string path in Directory.EnumerateFiles(folder).Where(path => File.GetLastWriteTimeUtc(path) < MachineClock.Instance.UtcNow - UnitLimits.LeaseMax))
        {
            File.Delete(path);
        }
    }

    private void Write(DateTimeOffset ends)
    {
        string partial = _path + FileSinkSpec.PartialSuffix;
        File.WriteAllText(partial, string.Create(CultureInfo.InvariantCulture, $"{Mark}\n{_store}\n{ends.ToUnixTimeMilliseconds()}\n{_lease.Unit}\n"));
        File.Move(partial, _path, overwrite: true);
        _written = ends;
    }
}
