using Culvert.Stages;

namespace Culvert.Engine;

/// <summary>The file of a sealed result: its header, and the blocks as workers give them. It gets its name when the run has finished. Thread safe.</summary>
internal sealed class SealedOutput : IDisposable
{
    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly FileStream _file;

    /// <summary>Begins the file, or goes on behind what an earlier host of the run wrote: blocks that are written again count in the place of those before.</summary>
    internal SealedOutput(string path, byte[] header, bool resumes)
    {
        _path = path;
        string partial = path + FileSinkSpec.PartialSuffix;
        try
        {
            if (resumes && !File.Exists(partial) && File.Exists(path))
            {
                File.Move(path, partial); // the run had ended when it was lost
            }

            _file = new FileStream(partial, resumes ? FileMode.Open : FileMode.Create, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new StageFailedException($"cannot write {partial}: {failure.Message}", failure);
        }

        if (!resumes)
        {
            _file.Write(header);
            return;
        }

        byte[] begun = new byte[header.Length];
        if (_file.ReadAtLeast(begun, begun.Length, throwOnEndOfStream: false) < begun.Length || !begun.AsSpan().SequenceEqual(header))
        {
            _file.Dispose();
            throw new StageFailedException($"cannot resume: {partial} is the result of another run");
        }

        CutHalfBlock(partial);
        _file.Seek(0, SeekOrigin.End);
    }

    internal void Append(ReadOnlySpan<byte> block)
    {
        lock (_lock)
        {
            _file.Write(block);
        }
    }

    /// <summary>Makes what was written outlive a loss of power.</summary>
    internal void MakeDurable() => RandomAccess.FlushToDisk(_file.SafeFileHandle);

    /// <summary>Gives the file its name.</summary>
    internal void Complete()
    {
        _file.Flush(flushToDisk: true);
        File.Move(_path + FileSinkSpec.PartialSuffix, _path, overwrite: true);
    }

    public void Dispose() => _file.Dispose();

    /// <summary>A host that was killed may have left half a block, behind which nothing could be read.</summary>
    private void CutHalfBlock(string partial)
    {
        Outcome<Sealing.SealedFileIndex> index = Sealing.SealedFileIndex.Read(partial, _file);
        if (index.Succeeded && index.Value.CutAt is { } cut)
        {
            _file.SetLength(cut);
        }
    }
}
