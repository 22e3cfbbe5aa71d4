namespace Culvert.Storage;

/// <summary>
/// What is found while everything of a unit is read at every cloud, and its mending: one object at a time. What is certain is charged
/// at once; suspicions wait for <see cref="ChargeSuspicionsAsync"/>, since a write under way explains them.
/// </summary>
internal sealed class Inspection(StoreContext context, StoreView view, bool repair)
{
    /// <summary>After so many calls in a row without an answer a cloud is not asked any more: each may take all of its time-outs.</summary>
    private const int SilencesMax = 3;

    private readonly int[] _silences = new int[view.Quorum.Clouds];
    private readonly int[] _forgotten = new int[view.Quorum.Clouds];
    private readonly List<CloudCharge> _suspicions = [];

    internal StoreView View => view;

    internal List<UnitFinding> Findings { get; } = [];

    internal List<string> Lost { get; } = [];

    internal async ValueTask<Survey> SurveyAsync(BlockWish wish, IEnumerable<int>? slots, CancellationToken cancellationToken)
    {
        HashSet<int> asked = [.. (slots ?? Enumerable.Range(0, _silences.Length)).Where(slot => _silences[slot] < SilencesMax)];
        Survey survey = await view.Shell.ReadAsync(new ObjectSurvey(view.Quorum, wish) { Asked = asked }, cancellationToken).ConfigureAwait(false);
        foreach (int slot in asked)
        {
            _silences[slot] = survey.Answers[slot].IsSilent ? _silences[slot] + 1 : 0;
        }

        return survey;
    }

    /// <summary>An object of which all clouds have the same. <paramref name="content"/>: what it is; null: what one of them has that fits.</summary>
    internal async ValueTask CopiesAsync(
        string name,
        int bytesMax,
        ReadOnlyMemory<byte>? content,
        Func<ReadOnlyMemory<byte>, string?> fits,
        Func<ReadOnlyMemory<byte>, ChargeKind?>? kindOf,
        CancellationToken cancellationToken)
    {
        Survey survey = await SurveyAsync(BlockWish.OneOf(name, bytesMax, fits), null, cancellationToken).ConfigureAwait(false);
        ReadOnlyMemory<byte>? right = content ?? survey.Answers.FirstOrDefault(answer => answer.Fitting is not null)?.Fitting;
        if (right is null && !survey.Answers.Any(answer => answer.IsSilent))
        {
            Lost.Add($"no cloud has {name} as it was");
        }

        await JudgeAsync(name, survey, _ => right, kindOf, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Notes who has an object wrong, and mends it. <paramref name="kindOf"/>: what wrong bytes are charged with; null: altered.</summary>
    internal async ValueTask JudgeAsync(
        string name,
        Survey survey,
        Func<int, ReadOnlyMemory<byte>?> rebuild,
        Func<ReadOnlyMemory<byte>, ChargeKind?>? kindOf,
        CancellationToken cancellationToken)
    {
        for (int slot = 0; slot < survey.Answers.Count; slot++)
        {
            SurveyAnswer answer = survey.Answers[slot];
            if (answer.Fitting is not null)
            {
                continue;
            }

            ChargeKind? kind = answer.Charge == ChargeKind.Altered && kindOf is not null ? kindOf(answer.Held) : answer.Charge;
            if (kind is { } charge)
            {
                await ChargeAsync(new CloudCharge(slot, charge, name, answer.Message, answer.Held), cancellationToken).ConfigureAwait(false);
            }

            string? unmended = "";
            if (repair && !answer.IsSilent && rebuild(slot) is { } right)
            {
                unmended = await MendAsync(slot, name, right, cancellationToken).ConfigureAwait(false);
            }

            Findings.Add(new UnitFinding(view.NameOf(slot), kind, name, answer.Message + unmended, unmended is null) { IsSilent = answer.IsSilent });
        }
    }

    /// <summary>A record that nobody signed, in nobody's place: to be removed.</summary>
    internal async ValueTask PlantedAsync(int slot, string name, SurveyAnswer answer, ChargeKind kind, CancellationToken cancellationToken)
    {
        await ChargeAsync(new CloudCharge(slot, kind, name, answer.Message, answer.Held), cancellationToken).ConfigureAwait(false);
        bool isGone = repair && kind == ChargeKind.Forged
            && (await view.Shell.Clouds[slot].RemoveAsync(name, cancellationToken).ConfigureAwait(false)).Succeeded;
        Findings.Add(new UnitFinding(view.NameOf(slot), kind, name, answer.Message, isGone));
    }

    /// <summary>
    /// Keeps the suspicions; but not of clouds that this client knows to lack something of the unit: it was there when their puts failed.
    /// </summary>
    internal async ValueTask ChargeSuspicionsAsync(IReadOnlyCollection<string> behind, CancellationToken cancellationToken)
    {
        foreach (CloudCharge charge in _suspicions.Where(charge => !behind.Contains(view.NameOf(charge.Slot))))
        {
            await KeepAsync(charge, cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask ChargeAsync(CloudCharge charge, CancellationToken cancellationToken)
    {
        if (charge.IsCertain)
        {
            await KeepAsync(charge, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            _suspicions.Add(charge);
        }
    }

    private ValueTask KeepAsync(CloudCharge charge, CancellationToken cancellationToken) =>
        context.State.ChargeAsync(charge, view.NameOf(charge.Slot), context.Clock.UtcNow, cancellationToken);

    /// <summary>Null when what was put is there, which is looked at: a cloud may confirm and forget.</summary>
    private async ValueTask<string?> MendAsync(int slot, string name, ReadOnlyMemory<byte> right, CancellationToken cancellationToken)
    {
        if (_forgotten[slot] == SilencesMax)
        {
            return "; and it cannot be mended: the cloud confirms what is put, and forgets it";
        }

        CloudOutcome<CloudDone> put = await view.Shell.Clouds[slot].PutAsync(name, right, PutCondition.Always, cancellationToken).ConfigureAwait(false);
        if (!put.Succeeded)
        {
            return $"; and it cannot be mended: {put.Failure.Message}";
        }

        // Some clouds show what was put a little later.
        TimeSpan wait = context.Options.RepeatAfter;
        for (int repeats = 0; ; repeats++, wait *= 2)
        {
            CloudReply back = await view.Shell.CallAsync(new GetCall(0, slot, name, right.Length, right.Length, IsPart: false), cancellationToken).ConfigureAwait(false);
            if (back.Succeeded && back.Bytes.Span.SequenceEqual(right.Span))
            {
                return null;
            }

            if (repeats == context.Options.RepeatsMax)
            {
                _forgotten[slot]++;
                return "; and what was put instead is not there either";
            }

            await context.Clock.Delay(wait, cancellationToken).ConfigureAwait(false);
        }
    }
}
