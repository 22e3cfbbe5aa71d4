using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Culvert.Sealing;
using Culvert.Stages;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>
/// Sealed files as a source, in the hands of a key holder. Row groups go to the partitions as <see cref="GroupCut"/> says; each
/// is a batch. Files that are not complete are refused.
/// </summary>
public sealed class SealedFileSource : ISource
{
    private const string Magic = "culvert sealed source 1";
    private const int PartitionsMax = 4096;
    private const int GroupsPerRoundMax = 1024;

    private readonly ImmutableArray<SealedInputFile> _files;
    private readonly string _cutText;

    private SealedFileSource(SealedFileSourceSettings settings, Schema schema, ImmutableArray<SealedInputFile> files, ColumnPool pool)
    {
        (Schema, Pool, _files, PartitionCount) = (schema, pool, files, settings.PartitionCount);
        Cut = new GroupCut(files.Select(f => f.Reader.Ends.Select(e => e!.GroupCount)), settings.PartitionCount, settings.GroupsPerRound);
        _cutText = string.Create(CultureInfo.InvariantCulture, $"{settings.PartitionCount} partitions, rounds of {settings.GroupsPerRound} row groups");
        TotalBytes = files.Sum(f => f.Reader.Index.Length);
        Identity = Encoding.UTF8.GetBytes(string.Concat(new[] { Magic, _cutText }.Concat(files.Select(Line)).Select(l => l + "\n")));
    }

    /// <inheritdoc/>
    public Schema Schema { get; }

    /// <inheritdoc/>
    public int PartitionCount { get; }

    /// <inheritdoc/>
    public long? TotalBytes { get; }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> Identity { get; }

    /// <summary>Which files were read, by stream id and end digest.</summary>
    public IReadOnlyList<SealedInput> Inputs => [.. _files.Select(f => new SealedInput(f.Reader.Index.Header.Stream, f.Reader.Digest!.Value))];

    internal GroupCut Cut { get; }

    internal ColumnPool Pool { get; }

    /// <summary>
    /// Whether the files that inputs name are sealed ones, by how the first begins. Standard input and files that cannot be
    /// read are not; whoever opens them says why.
    /// </summary>
    public static bool AreSealed(ImmutableArray<string> inputs)
    {
        try
        {
            if (inputs.IsEmpty || inputs[0] == InputPaths.StandardInput)
            {
                return false;
            }

            using FileStream file = File.OpenRead(InputPaths.Expand(inputs)[0]);
            Span<byte> beginning = stackalloc byte[8];
            return Sealing.SealedFileHeader.Begins(beginning[..file.ReadAtLeast(beginning, beginning.Length, throwOnEndOfStream: false)]);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or SourceFailedException)
        {
            return false;
        }
    }

    /// <summary>The columns of the first file. Throws <see cref="SourceFailedException"/> where it cannot be opened.</summary>
    public static Schema ReadSchema(SealedFileSourceSettings settings)
    {
        using Sealing.Secret owner = settings.Owner();
        using SealedInputFile file = SealedInputFile.Open(InputPaths.Expand(settings.Inputs)[0], owner, null);
        return file.Columns.Schema;
    }

    /// <summary>
    /// Opens the files and finds the columns of <paramref name="wanted"/>, or all of the first file's when that is null. Failures
    /// throw <see cref="SourceFailedException"/>, settings out of their range <see cref="ArgumentException"/>.
    /// </summary>
    public static SealedFileSource Open(SealedFileSourceSettings settings, Schema? wanted, ColumnPool? pool = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.PartitionCount, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(settings.PartitionCount, PartitionsMax);
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.GroupsPerRound, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(settings.GroupsPerRound, GroupsPerRoundMax);
        if (settings.Inputs.IsDefaultOrEmpty)
        {
            throw new ArgumentException("a source of sealed files needs at least one file");
        }

        List<SealedInputFile> files = [];
        try
        {
            using Secret owner = settings.Owner();
            foreach (string path in InputPaths.Expand(settings.Inputs))
            {
                SealedInputFile file = SealedInputFile.Open(path, owner, wanted);
                files.Add(file);
                wanted ??= file.Columns.Schema;
                if (!file.Reader.IsComplete)
                {
                    throw new SourceFailedException(file.Reader.Incomplete().Message);
                }
            }

            return new SealedFileSource(settings, wanted!, [.. files], pool ?? ColumnPool.Shared);
        }
        catch
        {
            files.ForEach(f => f.Dispose());
            throw;
        }
    }

    /// <inheritdoc/>
    public Outcome<bool> CheckIdentity(ReadOnlySpan<byte> identity)
    {
        string[] lines = Encoding.UTF8.GetString(identity).Split('\n');
        if (lines.Length < 3 || lines[0] != Magic)
        {
            return new Failure(FailureKind.Malformed, "the snapshot holds no identity of a source of sealed files");
        }

        if (lines[1] != _cutText)
        {
            return new Failure(FailureKind.Mismatch, $"the input was cut as '{lines[1]}' and is now to be cut as '{_cutText}'");
        }

        string[] before = lines[2..^1];
        for (int i = 0; i < Math.Max(before.Length, _files.Length); i++)
        {
            string was = i < before.Length ? before[i] : "no more files";
            string now = i < _files.Length ? Line(_files[i]) : "no file";
            if (was != now)
            {
                return new Failure(FailureKind.Mismatch, $"input {i + 1}: {was} was read by the run to be resumed, and {now} is there now");
            }
        }

        return true;
    }

    /// <inheritdoc/>
    public ISourcePartition Open(PartitionId partition, ReadOnlySpan<byte> position)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)partition.Value, (uint)PartitionCount, nameof(partition));
        return new SealedFilePartition(this, _files, partition, position);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SealedInputFile file in _files)
        {
            file.Dispose();
        }
    }

    // The content counts and not its name: the same sealed bytes are the same input wherever they lie.
    private static string Line(SealedInputFile file) => $"stream {file.Reader.Index.Header.Stream} with end digest {file.Reader.Digest}";
}
