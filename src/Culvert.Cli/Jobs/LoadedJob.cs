using System.Collections.Immutable;
using Culvert.JobFiles;

namespace Culvert.Cli.Jobs;

/// <summary>A job file that was read, with what was found in it.</summary>
internal sealed record LoadedJob(JobFile File, ImmutableArray<Diagnostic> Diagnostics, JobFolder Folder, Connectors Connectors)
{
    /// <summary>A job file is read by people; a larger one is some other file.</summary>
    private const int BytesMax = 16 << 20;

    /// <summary>Reads a job file. One with errors throws <see cref="CommandFailedException"/> with all of them.</summary>
    internal static LoadedJob Load(JobRequest request)
    {
        (JobFileReading reading, JobFolder folder, Connectors connectors) = Read(request);
        if (reading.File is { } file)
        {
            return new LoadedJob(file, reading.Diagnostics, folder, connectors);
        }

        Diagnostic[] errors = [.. reading.Diagnostics.Where(d => d.Severity == Severity.Error)];
        if (errors.All(e => folder.InputFailures.Contains(e.Message)))
        {
            // Nothing is wrong with the job: its input is, and whoever runs it knows where that came from.
            throw new CommandFailedException(ExitCode.Failed, string.Join("\nculvert: ", errors.Select(e => e.Message)));
        }

        string count = errors.Length == 1 ? "an error" : $"{errors.Length} errors";
        throw new CommandFailedException(
            ExitCode.WrongUsage, $"{request.Path} has {count}, so nothing was run\n{string.Join('\n', errors.Select(e => e.ToText()))}");
    }

    /// <summary>Reads a job file, errors or not.</summary>
    internal static (JobFileReading Reading, JobFolder Folder, Connectors Connectors) Read(JobRequest request)
    {
        string text = ReadText(request.Path);
        JobFolder folder = new(request);
        Connectors connectors = new(request, folder);
        JobFileReading reading = JobFile.Load(text, new JobFileContext(request.Path, connectors)
        {
            Files = folder,
            Scripts = new LuaScriptOperators(),
            Input = request.Input,
        });
        return (reading, folder, connectors);
    }

    private static string ReadText(string path)
    {
        try
        {
            FileInfo file = new(path);
            if (Directory.Exists(path))
            {
                throw CommandFailedException.Usage($"{path} is a folder; name the job file in it, for example {Path.Combine(path, "job.yaml")}");
            }

            if (file.Exists && file.Length > BytesMax)
            {
                throw CommandFailedException.Usage($"{path} has {file.Length} bytes: that is no job file; input is given with --input");
            }

            return System.IO.File.ReadAllText(path);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            throw CommandFailedException.Usage($"{path}: there is no such job file");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw CommandFailedException.Usage($"{path} cannot be read: {failure.Message}");
        }
    }
}
