namespace Culvert.Storage;

/// <summary>
/// Reads everything that every cloud has of a unit, names who has something wrong, and mends it from what the others have; then what no
/// version needs. What is written meanwhile is no fault: the unit is read again, a few times.
/// </summary>
internal sealed class UnitVerifier(StoreContext context, UnitOrphans orphans, bool repair)
{
    /// <summary>How often a unit that is being written is read again.</summary>
    private const int RestartsMax = 3;

    internal async ValueTask<Outcome<UnitReport>> VerifyAsync(UnitName unit, CancellationToken cancellationToken)
    {
        for (int restarts = 0; restarts <= RestartsMax; restarts++)
        {
            Outcome<RecordReading> reading = await context.ReadRecordAsync(unit, cancellationToken).ConfigureAwait(false);
            if (!reading.Succeeded)
            {
                return reading.Failure;
            }

            StoreView view = context.View;
            if (reading.Value.Newest is not { } newest)
            {
                return new Failure(FailureKind.Missing, $"there is no unit {unit}");
            }

            if (await TryVerifyAsync(view, newest, cancellationToken).ConfigureAwait(false) is { } report)
            {
                return report;
            }
        }

        return new Failure(FailureKind.Mismatch, $"{unit}: it was written while it was verified, again and again; verify it under `store lock`");
    }

    /// <summary>The configuration in use, at every cloud.</summary>
    internal async ValueTask<UnitReport> VerifyConfigurationAsync(CancellationToken cancellationToken)
    {
        StoreView view = context.View;
        StoreConfiguration configuration = view.Configuration;
        Inspection inspection = new(context, view, repair);
        await inspection.CopiesAsync(
            UnitObjects.Configuration(configuration.Number), UnitLimits.ConfigurationBytesMax, configuration.Bytes,
            bytes => bytes.Span.SequenceEqual(configuration.Bytes.Span) ? null : "it is not the configuration that is in use", null, cancellationToken).ConfigureAwait(false);
        await inspection.ChargeSuspicionsAsync([], cancellationToken).ConfigureAwait(false);
        return new UnitReport("configuration", 0, inspection.Lost, inspection.Findings);
    }

    /// <summary>Null when the unit was written meanwhile.</summary>
    private async ValueTask<UnitReport?> TryVerifyAsync(StoreView view, UnitMetadata newest, CancellationToken cancellationToken)
    {
        Inspection inspection = new(context, view, repair);
        UnitNames?[] names = await orphans.ListAsync(view, newest.Unit, cancellationToken).ConfigureAwait(false);
        RecordInspection records = new(inspection, newest);
        await records.InspectAsync([.. names.Select(one => one?.Counters ?? [])], cancellationToken).ConfigureAwait(false);
        if (records.Newer is not null)
        {
            // Its writer died before all had it, or is at work: by what is right now it is the newest, and it is verified, and mended, as that.
            await context.State.RememberAsync(records.Newer, anchor: false, cancellationToken).ConfigureAwait(false);
            return null;
        }

        ValueInspection values = new(context, inspection, newest);
        foreach (KeptVersion version in newest.Versions)
        {
            await values.InspectAsync(version, cancellationToken).ConfigureAwait(false);
        }

        OrphanLook look = await orphans.LookAsync(view, newest.Unit, names, newest, records.IsComplete, cancellationToken).ConfigureAwait(false);
        if (inspection.Findings.Count + inspection.Lost.Count + look.Found.Count > 0 || records.Gap is not null)
        {
            Outcome<RecordReading> again = await context.ReadRecordAsync(newest.Unit, cancellationToken).ConfigureAwait(false);
            if (again.Succeeded && again.Value.Newest?.Version != newest.Version)
            {
                return null;
            }
        }

        IReadOnlyList<UnderReplication> known = await context.State.BehindAsync(cancellationToken).ConfigureAwait(false);
        string[] behind = [.. known.Where(one => one.Unit == newest.Unit.Text).SelectMany(one => one.Clouds)];
        await inspection.ChargeSuspicionsAsync(behind, cancellationToken).ConfigureAwait(false);
        await context.State.SetBehindAsync(
            newest.Unit, inspection.Findings.Where(finding => !finding.IsMended).Select(finding => finding.Cloud), cancellationToken).ConfigureAwait(false);
        return new UnitReport(newest.Unit.Text, newest.Versions.Count, inspection.Lost, inspection.Findings)
        {
            Gap = records.Gap,
            Orphans = [.. records.Strays, .. repair ? await orphans.RemoveAsync(view, newest.Unit, look, null, cancellationToken).ConfigureAwait(false) : look.Found],
        };
    }
}
