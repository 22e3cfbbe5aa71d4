using Culvert.Attestation;

namespace Culvert.Engine;

/// <summary>A proof as a file.</summary>
public static class ProofFile
{
    /// <summary>Writes a proof, whole or not at all. One that could not be made, or written, throws <see cref="JobFailedException"/>.</summary>
    public static void Write(string path, Outcome<Proof> proof)
    {
        if (!proof.Succeeded)
        {
            throw new JobFailedException($"the result is there, and its proof is not: {proof.Failure.Message}");
        }

        try
        {
            string partial = path + FileSinkSpec.PartialSuffix;
            File.WriteAllBytes(partial, ProofDocument.Write(proof.Value));
            File.Move(partial, path, overwrite: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new JobFailedException($"the result is there, and its proof cannot be written: {path}: {failure.Message}", failure);
        }
    }
}
