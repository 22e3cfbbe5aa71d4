using Culvert.Sealing;

namespace Culvert.Cli.Sealed;

/// <summary>Where commands get the owner's secret from: the one place to change.</summary>
internal static class OwnerKeySeam
{
    /// <summary>The secret of a key file: 64 hexadecimal digits. The caller disposes it.</summary>
    internal static Func<string, Secret> Open { get; } = path =>
    {
        byte[] bytes = [];
        try
        {
            bytes = Convert.FromHexString(File.ReadAllText(path).Trim());
            return bytes.Length == Secret.KeyBytes
                ? Secret.CopyOf(bytes)
                : throw new FormatException();
        }
        catch (FormatException)
        {
            throw new CommandFailedException(ExitCode.Failed, $"{path}: this is no key file");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCode.Failed, $"{path}: the key cannot be read: {failure.Message}", failure);
        }
        finally
        {
            System.Security.Cryptography.CryptographicOperations.ZeroMemory(bytes);
        }
    };
}
