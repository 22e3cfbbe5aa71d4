using Culvert.Attestation;

namespace Culvert.Engine;

/// <summary>A proof as a file.</summary>
public static class ProofFile
{
    /// <summary>Before a run: what is wrong with the name of its proof's file, or null. Whether it can be written shows when it is.</summary>
    public static string? WhatIsWrong(string path) =>
        Directory.Exists(path) ? $"--prove {path}: that is a folder; name the proof's file, such as {Path.Combine(path, "result.proof")}"
        : Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))) ? null
        : $"--prove {path}: there is no folder {Path.GetDirectoryName(path)}";

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
