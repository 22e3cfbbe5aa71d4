using Culvert.Sealing;

namespace Culvert.Storage;

/// <summary>Reads every object of a kept version at every cloud, one chunk at a time.</summary>
internal sealed class ValueInspection(StoreContext context, Inspection inspection, UnitMetadata newest)
{
    private readonly UnitName _unit = newest.Unit;

    /// <summary>Tells how many chunks the version has; null when it cannot be opened.</summary>
    internal async ValueTask<int?> InspectAsync(KeptVersion version, CancellationToken cancellationToken)
    {
        Outcome<ValueDownload> opened = await ValueDownload.OpenAsync(context, newest, version, cancellationToken).ConfigureAwait(false);
        if (!opened.Succeeded)
        {
            inspection.Lost.Add($"version {version.Number}: {opened.Failure.Message}");
            return null;
        }

        using ValueDownload download = opened.Value;
        ValueDescriptor descriptor = download.Descriptor;
        if (version.Holder == 0)
        {
            await inspection.CopiesAsync(
                UnitObjects.Descriptor(_unit, version.Value), UnitLimits.DescriptorBytesMax, descriptor.Bytes,
                bytes => Differs(bytes, version.Descriptor), null, cancellationToken).ConfigureAwait(false);
        }

        if (descriptor.Index is null)
        {
            await inspection.CopiesAsync(
                UnitObjects.Index(_unit, version.Value), download.Index.Bytes.Length, download.Index.Bytes,
                bytes => Differs(bytes, descriptor.IndexDigest), null, cancellationToken).ConfigureAwait(false);
        }

        for (int chunk = 0; chunk < descriptor.Chunks; chunk++)
        {
            await InspectChunkAsync(version, download, chunk, cancellationToken).ConfigureAwait(false);
        }

        return descriptor.Chunks;
    }

    private async ValueTask InspectChunkAsync(KeptVersion version, ValueDownload download, int chunk, CancellationToken cancellationToken)
    {
        ValueDescriptor descriptor = download.Descriptor;
        BlockWish wish = new(
            UnitObjects.Block(_unit, version.Value, chunk), descriptor.BlocksNeeded, descriptor.BlockObjectBytes(chunk), false,
            (slot, bytes) => download.Wrong(chunk, slot, bytes));
        Survey survey = await inspection.SurveyAsync(wish, null, cancellationToken).ConfigureAwait(false);
        FittingBlock[] fitting = [.. survey.Answers.Select((answer, slot) => (answer, slot)).Where(pair => pair.answer.Fitting is not null)
            .Select(pair => new FittingBlock(pair.slot, pair.answer.Fitting!.Value))];
        bool enough = fitting.Length >= descriptor.BlocksNeeded;
        if (fitting.Length + survey.Answers.Count(answer => answer.IsSilent) < descriptor.BlocksNeeded)
        {
            inspection.Lost.Add($"version {version.Number}: of chunk {chunk} only {fitting.Length} blocks are right, and {descriptor.BlocksNeeded} are needed");
        }

        await inspection.JudgeAsync(wish.Name, survey, slot => enough ? Rebuild(descriptor, chunk, fitting, slot) : (ReadOnlyMemory<byte>?)null, null, cancellationToken).ConfigureAwait(false);
        foreach (FittingBlock block in fitting)
        {
            context.Buffers.Return(block.Bytes);
        }
    }

    private static string? Differs(ReadOnlyMemory<byte> bytes, ContentDigest expected) =>
        ContentDigest.Of(bytes.Span) == expected ? null : "its digest is not the one that the signed metadata names";

    /// <summary>A slot's block object from k others.</summary>
    private static ReadOnlyMemory<byte> Rebuild(ValueDescriptor descriptor, int chunk, FittingBlock[] fitting, int slot)
    {
        if (descriptor.Protocol == UnitProtocol.Replicated)
        {
            return fitting[0].Bytes;
        }

        int shareBytes = descriptor.ShareBytes(chunk);
        byte[] block = GC.AllocateUninitializedArray<byte>(descriptor.BlockObjectBytes(chunk));
        ErasureBlock[] present = [.. fitting.Select(other => new ErasureBlock(other.Slot, other.Bytes[shareBytes..]))];
        new ErasureCode(descriptor.BlocksNeeded, descriptor.Clouds).Rebuild(present, slot, block.AsSpan(shareBytes));
        if (shareBytes > 0)
        {
            SecretShare[] shares = [.. fitting.Take(descriptor.BlocksNeeded)
                .Select(other => new SecretShare(other.Slot + 1, Secret.CopyOf(other.Bytes.Span[..shareBytes])))];
            using SecretShare rebuilt = SecretSharing.Rebuild(slot + 1, shares);
            rebuilt.Value.Bytes.CopyTo(block);
            foreach (SecretShare share in shares)
            {
                share.Dispose();
            }
        }

        return block;
    }
}
