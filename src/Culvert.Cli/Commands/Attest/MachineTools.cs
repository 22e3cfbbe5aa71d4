using System.Diagnostics;
using Culvert.Attestation;

namespace Culvert.Cli.Commands.Attest;

/// <summary>Programs on this machine's path, each run in a folder of its own that is removed behind it.</summary>
internal sealed class MachineTools : IHostTools
{
    private const int FileBytesMax = 1024 * 1024;

    public bool Has(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => folder.Length > 0 && File.Exists(Path.Join(folder, program)));

    public Outcome<IReadOnlyDictionary<string, ReadOnlyMemory<byte>>> Run(string program, IReadOnlyList<string> arguments, IReadOnlyList<string> outputs)
    {
        string folder = Directory.CreateTempSubdirectory("culvert-attest-").FullName;
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(program, arguments)
            {
                WorkingDirectory = folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            string error = process.StandardError.ReadToEnd();
            output.Wait();
            process.WaitForExit();
            if (process.ExitCode != 0)
            {
                return new Failure(FailureKind.Io, $"{program} failed ({process.ExitCode}): {error.Trim()}");
            }

            Dictionary<string, ReadOnlyMemory<byte>> files = [];
            foreach (string name in outputs)
            {
                FileInfo file = new(Path.Join(folder, name));
                if (!file.Exists || file.Length > FileBytesMax)
                {
                    return new Failure(FailureKind.Malformed, $"{program} left no {name}, or one of over {FileBytesMax} bytes");
                }

                files[name] = File.ReadAllBytes(file.FullName);
            }

            return files;
        }
        catch (Exception e) when (e is IOException or System.ComponentModel.Win32Exception or UnauthorizedAccessException)
        {
            return new Failure(FailureKind.Io, $"{program}: {e.Message}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
