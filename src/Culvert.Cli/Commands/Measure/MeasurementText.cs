using System.Globalization;
using Culvert.Attestation;

namespace Culvert.Cli.Commands.Measure;

/// <summary>A measurement for people.</summary>
internal static class MeasurementText
{
    internal static void Write(TextWriter output, MeasurementDocument document, bool showsFiles)
    {
        output.WriteLine($"image:        {Convert.ToHexStringLower(document.ImageDigest.Span)}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"files:        {document.Files.Length:N0}, {document.Files.Sum(file => file.Length):N0} bytes"));
        if (document.Job is var (name, plan))
        {
            output.WriteLine($"job:          {name}");
            output.WriteLine($"plan:         {plan} (in the manifest, with its scripts; not in the image)");
        }

        output.WriteLine($"kind:         {EvidenceKindName.Of(document.Kind)}");
        foreach ((string register, string value) in document.Values)
        {
            output.WriteLine($"{register + ':',-13} {value}");
        }

        foreach ((string register, string reason) in document.Missing)
        {
            output.WriteLine($"{register + ':',-13} not known: {reason}");
        }

        output.WriteLine("measured settings:");
        foreach ((string setting, string value) in document.Settings)
        {
            output.WriteLine($"  {setting}: {value}");
        }

        if (showsFiles)
        {
            output.WriteLine();
            foreach (MeasuredFile file in document.Files)
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Convert.ToHexStringLower(file.Sha256.Span)}  {file.Length,11}  {file.Name}"));
            }
        }
    }
}
