using Culvert.Attestation;
using Culvert.Cli.Output;

namespace Culvert.Cli.Commands.Proofs;

/// <summary>Proofs and what belongs to them, from files and into files. Sizes are looked at before anything is read.</summary>
internal static class ProofFiles
{
    /// <summary>A file of at most so many bytes.</summary>
    internal static byte[] Read(string path, int bytesMax)
    {
        try
        {
            FileInfo file = new(path);
            return !file.Exists ? throw CommandFailedException.Usage($"{path}: there is no such file")
                : file.Length > bytesMax ? throw CommandFailedException.Usage($"{path}: {file.Length} bytes; at most {bytesMax} are read")
                : File.ReadAllBytes(path);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException(ExitCode.Failed, $"{path} cannot be read: {failure.Message}", failure);
        }
    }

    /// <summary>A proof that is well formed.</summary>
    internal static Proof ReadProof(string path)
    {
        Outcome<Proof> proof = ProofDocument.Read(Read(path, ProofLimits.BytesMax));
        return proof.Succeeded ? proof.Value : throw new CommandFailedException(ExitCode.Failed, $"{path}: {Clean(proof.Failure.Message)}");
    }

    internal static void Write(string path, byte[] bytes)
    {
        using OutputFile file = new(path);
        file.Write(stream => stream.Write(bytes));
        file.Complete();
    }

    /// <summary>What a proof holds is not trusted to steer a terminal.</summary>
    internal static string Clean(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '\uFFFD' : c));
}
