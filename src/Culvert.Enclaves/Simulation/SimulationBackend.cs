using System.Reflection;
using Culvert.Enclaves.Linux;
using Culvert.Enclaves.Rings;

namespace Culvert.Enclaves.Simulation;

/// <summary>
/// Enclaves as locked-down processes of the same build (docs/specs/enclave-boundary.md). They are closed to the network, to
/// files and to each other, and run the same code as a real one would; but nothing protects them from their host.
/// </summary>
public sealed class SimulationBackend : IEnclaveBackend
{
    internal const string BackendName = "simulation";

    private const long OutsideBytesLimit = 64L << 40;
    private const long HeapBytesMin = 16 << 20;

    private readonly Dictionary<string, EnclaveImage> _images = [];

    /// <inheritdoc/>
    public string Name => BackendName;

    /// <inheritdoc/>
    public bool ProtectsFromHost => false;

    /// <inheritdoc/>
    public Outcome<IEnclave> Start(EnclaveOptions options)
    {
        Check(options);
        if (!SystemCallNumbers.AreKnown)
        {
            return new Failure(FailureKind.Missing, "simulated enclaves need Linux on x64 or arm64");
        }

        (string executable, IReadOnlyList<string> arguments) = Program(options);
        if (!File.Exists(executable))
        {
            return new Failure(FailureKind.Missing, $"cannot start an enclave: there is no {executable}");
        }

        string folder = Path.GetDirectoryName(arguments.Count > 0 && arguments[0].EndsWith(".dll", StringComparison.Ordinal) ? arguments[0] : executable)!;
        EnclaveImage image = ImageOf(folder);
        (string measurement, string keyFile) = ("", "");
        if (options.Quotes)
        {
            Outcome<ReadOnlyMemory<byte>> digest = image.Digest();
            Outcome<SimulationIdentity> identity = SimulationIdentity.LoadOrCreate();
            if (!digest.Succeeded || !identity.Succeeded)
            {
                return (digest.Failure ?? identity.Failure)!;
            }

            identity.Value.Dispose();
            (measurement, keyFile) = (Convert.ToHexStringLower(digest.Value.Span), Path.GetFullPath(SimulationIdentity.DefaultPath));
        }

        Outcome<SharedRegion> region = SharedRegion.Create(RingLayout.RegionBytes(options.RingBytes) + options.OutsideBytes);
        if (!region.Succeeded)
        {
            return region.Failure;
        }

        SharedRegion shared = region.Value;
        RingChannel channel = new(shared, isHost: true, options.RingBytes, options.MessageBytesMax);
        string[] all = [.. arguments, .. EnclaveArguments.ForFirstStart(options, measurement, keyFile).ToArguments()];
        return EnclaveProcess.Start(channel, image, () =>
        {
            Outcome<int> process = Spawning.Start(
                executable, all, EnclaveEnvironment.For(options.HeapBytesMax), shared.Descriptor, options.ShowsStandardError);
            shared.CloseDescriptor();
            return process;
        });
    }

    /// <summary>A folder is hashed once, however many enclaves are started from it.</summary>
    private EnclaveImage ImageOf(string folder)
    {
        lock (_images)
        {
            if (!_images.TryGetValue(folder, out EnclaveImage? image))
            {
                _images.Add(folder, image = new EnclaveImage(folder));
            }

            return image;
        }
    }

    private static (string Executable, IReadOnlyList<string> Arguments) Program(EnclaveOptions options)
    {
        string executable = options.Executable ?? Environment.ProcessPath ?? throw new InvalidOperationException("this process has no path");
        if (options.Arguments is IReadOnlyList<string> given)
        {
            return (executable, given);
        }

        bool isMuxer = options.Executable is null && Path.GetFileNameWithoutExtension(executable) == "dotnet";
        return (executable, isMuxer ? [Assembly.GetEntryAssembly()!.Location] : []);
    }

    private static void Check(EnclaveOptions options)
    {
        if (!RingLayout.IsCapacity(options.RingBytes))
        {
            throw new ArgumentException($"RingBytes is {options.RingBytes}: a power of two from 64 KiB to 256 MiB is needed", nameof(options));
        }

        ChannelLimits.CheckMessageBytesMax(options.MessageBytesMax);
        if (options.OutsideBytes is < 0 or > OutsideBytesLimit || (options.OutsideBytes & ((1 << 20) - 1)) != 0)
        {
            throw new ArgumentException($"OutsideBytes is {options.OutsideBytes}: whole mebibytes up to {OutsideBytesLimit} bytes are needed", nameof(options));
        }

        if (options.HeapBytesMax < HeapBytesMin)
        {
            throw new ArgumentException($"HeapBytesMax is {options.HeapBytesMax}: at least {HeapBytesMin} are needed", nameof(options));
        }
    }
}
