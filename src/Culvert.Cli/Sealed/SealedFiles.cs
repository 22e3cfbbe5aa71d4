using Culvert.Sealing;

namespace Culvert.Cli.Sealed;

/// <summary>Opens sealed files for commands; what is wrong with one ends the command.</summary>
internal static class SealedFiles
{
    /// <summary>Opens a file with the owner's key.</summary>
    internal static SealedFileReader Open(string path, Secret owner)
    {
        FileStream stream = OpenStream(path);
        try
        {
            return Checked(SealedFileReader.Open(path, stream, owner));
        }
        catch
        {
            stream.Dispose();
            throw;
        }
    }

    internal static FileStream OpenStream(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CommandFailedException(ExitCode.Failed, $"{path}: no such file", failure);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCode.Failed, $"{path}: cannot be opened: {failure.Message}", failure);
        }
    }

    internal static T Checked<T>(Outcome<T> outcome) => outcome.Succeeded ? outcome.Value : throw Failed(outcome.Failure);

    internal static CommandFailedException Failed(Failure failure) => new(ExitCode.Failed, failure.Message);

    /// <summary><c>stream … with end digest …</c>.</summary>
    internal static string Identity(SealedFileReader reader) =>
        $"stream {reader.Index.Header.Stream}{(reader.Digest is { } digest ? $", end digest {digest}" : "")}";
}
