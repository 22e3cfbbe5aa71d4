using Culvert.Kits;

namespace Culvert.Simulation.Tests;

/// <summary>A simulated disk is a store of blobs like any other, once somebody lets the world go on.</summary>
public sealed class SimulatedDiskConformanceTests : BlobsConformance
{
    protected override IBlobs Blobs { get; } = new DrivenBlobs(new World(1));

    private sealed class DrivenBlobs : IBlobs
    {
        private readonly World _world;
        private readonly IBlobs _disk;

        internal DrivenBlobs(World world)
        {
            _world = world;
            _disk = world.AddNode("node", _ => new IdleProcess()).Disk;
        }

        public async ValueTask PutAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
            await Drive(_disk.PutAsync(name, content, cancellationToken).AsTask());

        public async ValueTask<long?> LengthAsync(string name, CancellationToken cancellationToken) =>
            await Drive(_disk.LengthAsync(name, cancellationToken).AsTask());

        public async ValueTask<int> ReadAsync(string name, long offset, Memory<byte> destination, CancellationToken cancellationToken) =>
            await Drive(_disk.ReadAsync(name, offset, destination, cancellationToken).AsTask());

        public async ValueTask<IReadOnlyList<string>> ListAsync(string prefix, CancellationToken cancellationToken) =>
            await Drive(_disk.ListAsync(prefix, cancellationToken).AsTask());

        public async ValueTask DeleteAsync(string name, CancellationToken cancellationToken) =>
            await Drive(_disk.DeleteAsync(name, cancellationToken).AsTask());

        private T Drive<T>(T task)
            where T : Task
        {
            _world.Run(() => task.IsCompleted);
            return task;
        }
    }
}
