namespace Culvert.Attestation;

/// <summary>The port to programs that talk to a TPM.</summary>
public interface IHostTools
{
    /// <summary>Whether a program of that name is installed.</summary>
    bool Has(string program);

    /// <summary>Runs a program in a folder of its own and gives the files that it left there; refused when it fails or leaves none of that name.</summary>
    Outcome<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> Run(string program, IReadOnlyList<string> arguments, IReadOnlyList<string> outputs);
}
