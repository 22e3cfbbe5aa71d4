using Culvert.Sealing;

namespace Culvert.Storage;

/// <summary>Something that one cloud has wrong of a unit.</summary>
/// <param name="Cloud">The cloud.</param>
/// <param name="Kind">What it is charged with; null: it could not be asked.</param>
/// <param name="ObjectName">The object.</param>
/// <param name="Message">In words.</param>
/// <param name="IsMended">What ought to be there is there again.</param>
public sealed record UnitFinding(string Cloud, ChargeKind? Kind, string ObjectName, string Message, bool IsMended);

/// <summary>What was found of a unit.</summary>
/// <param name="Unit">The unit.</param>
/// <param name="Versions">Versions that were read.</param>
/// <param name="Lost">What no longer can be read, in words; empty when all can.</param>
/// <param name="Findings">What single clouds have wrong.</param>
public sealed record UnitReport(string Unit, int Versions, IReadOnlyList<string> Lost, IReadOnlyList<UnitFinding> Findings)
{
    /// <summary>Every cloud has everything.</summary>
    public bool IsWhole => Lost.Count == 0 && Findings.All(finding => finding.IsMended);
}

/// <summary>
/// Reads everything that every cloud has of a unit, names who has something wrong, and mends it from what the others have. One
/// chunk at a time, so that memory is bounded. Not for several units at once.
/// </summary>
internal sealed class UnitVerifier(StoreContext context, bool repair)
{
    private readonly List<UnitFinding> _findings = [];
    private readonly List<string> _lost = [];

    internal async ValueTask<Outcome<UnitReport>> VerifyAsync(UnitName unit, CancellationToken cancellationToken)
    {
        StoreView view = context.View;
        Outcome<RecordReading> reading = await context.ReadRecordAsync(unit, cancellationToken).ConfigureAwait(false);
        if (!reading.Succeeded)
        {
            return reading.Failure;
        }

        if (reading.Value.Newest is not { } newest)
        {
            return new Failure(FailureKind.Missing, $"there is no unit {unit}");
        }

        await VerifyRecordsAsync(view, newest, cancellationToken).ConfigureAwait(false);
        foreach (KeptVersion version in newest.Versions)
        {
            Outcome<ValueDownload> opened = await ValueDownload.OpenAsync(context, newest, version, cancellationToken).ConfigureAwait(false);
            if (!opened.Succeeded)
            {
                _lost.Add($"version {version.Number}: {opened.Failure.Message}");
                continue;
            }

            using ValueDownload download = opened.Value;
            await VerifyValueAsync(view, unit, newest, version, download, cancellationToken).ConfigureAwait(false);
        }

        UnitReport report = new(unit.Text, newest.Versions.Count, _lost, _findings);
        await context.State.SetBehindAsync(
            unit, _findings.Where(finding => !finding.IsMended).Select(finding => finding.Cloud), cancellationToken).ConfigureAwait(false);
        return report;
    }

    /// <summary>The configuration in use, at every cloud.</summary>
    internal async ValueTask<UnitReport> VerifyConfigurationAsync(CancellationToken cancellationToken)
    {
        StoreView view = context.View;
        StoreConfiguration configuration = view.Configuration;
        await VerifyCopiesAsync(
            view, UnitLimits.ConfigurationBytesMax, UnitObjects.Configuration(configuration.Number), configuration.Bytes,
            bytes => bytes.Span.SequenceEqual(configuration.Bytes.Span) ? null : "it is not the configuration that is in use", cancellationToken).ConfigureAwait(false);
        return new UnitReport("configuration", 0, _lost, _findings);
    }

    private async ValueTask VerifyRecordsAsync(StoreView view, UnitMetadata newest, CancellationToken cancellationToken)
    {
        UnitName unit = newest.Unit;
        string copy = newest.IsTombstone ? UnitObjects.Tombstone(unit) : UnitObjects.Head(unit);
        await VerifyCopiesAsync(view, UnitLimits.MetadataBytesMax, UnitObjects.Record(unit, newest.Counter), newest.Bytes, IsNewest, cancellationToken).ConfigureAwait(false);
        await VerifyCopiesAsync(view, UnitLimits.MetadataBytesMax, copy, newest.Bytes, IsNewest, cancellationToken).ConfigureAwait(false);
        foreach (IGrouping<long, KeptVersion> held in newest.Versions.Where(version => version.Holder > 0 && version.Holder != newest.Counter).GroupBy(version => version.Holder))
        {
            await VerifyCopiesAsync(
                view, UnitLimits.MetadataBytesMax, UnitObjects.Record(unit, held.Key), null,
                bytes => view.ReadRecord(bytes) is { Succeeded: true } record && record.Value.Unit.Equals(unit)
                    && record.Value.Descriptor?.Digest == held.Last().Descriptor ? null : "it is not the record that the newest one names",
                cancellationToken).ConfigureAwait(false);
        }

        string? IsNewest(ReadOnlyMemory<byte> bytes)
        {
            Outcome<UnitMetadata> record = view.ReadRecord(bytes);
            return !record.Succeeded ? record.Failure.Message
                : record.Value.Version == newest.Version ? null
                : record.Value.Unit.Equals(unit) && record.Value.Version < newest.Version ? Old
                : "it is not the unit's newest record";
        }
    }

    private const string Old = "it is older than the newest";

    private async ValueTask VerifyValueAsync(
        StoreView view, UnitName unit, UnitMetadata newest, KeptVersion version, ValueDownload download, CancellationToken cancellationToken)
    {
        ValueDescriptor descriptor = download.Descriptor;
        if (version.Holder == 0)
        {
            await VerifyCopiesAsync(
                view, UnitLimits.DescriptorBytesMax, UnitObjects.Descriptor(unit, version.Value), descriptor.Bytes,
                bytes => Differs(bytes, version.Descriptor), cancellationToken).ConfigureAwait(false);
        }

        if (descriptor.Index is null)
        {
            await VerifyCopiesAsync(
                view, download.Index.Bytes.Length, UnitObjects.Index(unit, version.Value), download.Index.Bytes,
                bytes => Differs(bytes, descriptor.IndexDigest), cancellationToken).ConfigureAwait(false);
        }

        for (int chunk = 0; chunk < descriptor.Chunks; chunk++)
        {
            int c = chunk;
            BlockWish wish = new(
                UnitObjects.Block(unit, version.Value, c), descriptor.BlocksNeeded, descriptor.BlockObjectBytes(c), false, (slot, bytes) => download.Wrong(c, slot, bytes));
            Survey survey = await view.Shell.ReadAsync(new ObjectSurvey(view.Quorum, wish), cancellationToken).ConfigureAwait(false);
            FittingBlock[] fitting = [.. survey.Answers.Select((answer, slot) => (answer, slot)).Where(pair => pair.answer.Fitting is not null)
                .Select(pair => new FittingBlock(pair.slot, pair.answer.Fitting!.Value))];
            bool enough = fitting.Length >= descriptor.BlocksNeeded;
            if (!enough)
            {
                _lost.Add($"version {version.Number}: of chunk {c} only {fitting.Length} blocks are right, and {descriptor.BlocksNeeded} are needed");
            }

            await JudgeAsync(view, wish.Name, survey, slot => enough ? Rebuild(descriptor, c, fitting, slot) : null, cancellationToken).ConfigureAwait(false);
            foreach (FittingBlock block in fitting)
            {
                context.Buffers.Return(block.Bytes);
            }
        }
    }

    private static string? Differs(ReadOnlyMemory<byte> bytes, ContentDigest expected) =>
        ContentDigest.Of(bytes.Span) == expected ? null : "its digest is not the one that the signed metadata names";

    /// <summary>An object of which all clouds have the same. <paramref name="content"/>: what it is; null: what one of them has that fits.</summary>
    private async ValueTask VerifyCopiesAsync(
        StoreView view, int bytesMax, string name, ReadOnlyMemory<byte>? content, Func<ReadOnlyMemory<byte>, string?> fits, CancellationToken cancellationToken)
    {
        Survey survey = await view.Shell.ReadAsync(new ObjectSurvey(view.Quorum, BlockWish.OneOf(name, bytesMax, fits)), cancellationToken).ConfigureAwait(false);
        ReadOnlyMemory<byte>? right = content ?? survey.Answers.FirstOrDefault(answer => answer.Fitting is not null)?.Fitting;
        if (right is null)
        {
            _lost.Add($"no cloud has {name} as it was");
        }

        await JudgeAsync(view, name, survey, _ => right, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask JudgeAsync(
        StoreView view, string name, Survey survey, Func<int, ReadOnlyMemory<byte>?> rebuild, CancellationToken cancellationToken)
    {
        for (int slot = 0; slot < survey.Answers.Count; slot++)
        {
            SurveyAnswer answer = survey.Answers[slot];
            if (answer.Fitting is not null)
            {
                continue;
            }

            // An old head is no lie: it is a hint that follows when it can.
            ChargeKind? kind = answer.Message == Old ? ChargeKind.Stale : answer.Charge;
            if (kind is { } charge)
            {
                await context.State.ChargeAsync(
                    new CloudCharge(slot, charge, name, answer.Message, answer.Held), view.NameOf(slot), context.Clock.UtcNow, cancellationToken).ConfigureAwait(false);
            }

            bool isMended = false;
            string message = answer.Message;
            if (repair && rebuild(slot) is { } right)
            {
                CloudOutcome<CloudDone> put = await view.Shell.Clouds[slot].PutAsync(name, right, PutCondition.Always, cancellationToken).ConfigureAwait(false);
                isMended = put.Succeeded;
                message = put.Succeeded ? message : $"{message}; and it cannot be mended: {put.Failure.Message}";
            }

            _findings.Add(new UnitFinding(view.NameOf(slot), kind, name, message, isMended));
        }
    }

    /// <summary>A slot's block object from k others.</summary>
    private static ReadOnlyMemory<byte>? Rebuild(ValueDescriptor descriptor, int chunk, FittingBlock[] fitting, int slot)
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
