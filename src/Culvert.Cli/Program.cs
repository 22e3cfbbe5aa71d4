using Culvert.Cli;

return await CommandLine.RunAsync(args).ConfigureAwait(false);
