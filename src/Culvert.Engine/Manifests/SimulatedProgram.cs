using System.Collections.Immutable;
using System.Globalization;
using Culvert.Attestation;
using Culvert.Enclaves;
using Culvert.Enclaves.Simulation;

namespace Culvert.Engine;

/// <summary>A program as what enclaves without hardware run, this very one unless another is named: what they measure, and who signs for them.</summary>
public static class SimulatedProgram
{
    /// <summary>What they measure. Fails when the program's folder cannot be measured.</summary>
    /// <param name="name">What people call the program.</param>
    /// <param name="folder">The program's folder; null: this program's.</param>
    public static Outcome<AcceptedMeasurement> Measurement(string name, string? folder = null)
    {
        EnclaveImage image = new(folder ?? AppContext.BaseDirectory);
        Outcome<ReadOnlyMemory<byte>> digest = image.Digest();
        return digest.Succeeded
            ? new AcceptedMeasurement(
                EvidenceKind.Simulation,
                ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("measurement", Convert.ToHexStringLower(digest.Value.Span)),
                string.Create(CultureInfo.InvariantCulture, $"{name}, {image.Files.Value.Count} files"))
            : digest.Failure;
    }

    /// <summary>What a machine has to fulfil: evidence by this user's development key, which is made when it is not there.</summary>
    public static Outcome<VerificationPolicy> Platform()
    {
        Outcome<SimulationIdentity> found = SimulationIdentity.LoadOrCreate();
        if (!found.Succeeded)
        {
            return found.Failure;
        }

        using SimulationIdentity identity = found.Value;
        return new VerificationPolicy { SimulationKeys = [identity.PublicKey.AsMemory()] };
    }
}
