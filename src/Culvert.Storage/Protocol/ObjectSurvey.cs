namespace Culvert.Storage;

/// <summary>What one cloud has of an object: the bytes when they fit; else what is wrong, with what it gave.</summary>
internal sealed record SurveyAnswer(ReadOnlyMemory<byte>? Fitting, ChargeKind? Charge, string Message, ReadOnlyMemory<byte> Held)
{
    /// <summary>It did not answer, or was not asked.</summary>
    internal bool IsSilent => Fitting is null && Charge is null;
}

/// <summary>Each cloud's answer.</summary>
internal sealed record Survey(IReadOnlyList<SurveyAnswer> Answers);

/// <summary>Asks every cloud for its object, or some, and waits for all of them.</summary>
/// <param name="quorum">How many clouds there are.</param>
/// <param name="wish">What to ask for; how many are wanted does not matter here.</param>
internal sealed class ObjectSurvey(Quorum quorum, BlockWish wish) : ProtocolCore<Survey>(quorum)
{
    private readonly SurveyAnswer?[] _answers = new SurveyAnswer?[quorum.Clouds];

    /// <summary>Slots that are asked; default: all.</summary>
    internal IReadOnlySet<int> Asked { get; init; } = Enumerable.Range(0, quorum.Clouds).ToHashSet();

    internal override void Start()
    {
        for (int slot = 0; slot < _answers.Length; slot++)
        {
            if (!Asked.Contains(slot))
            {
                _answers[slot] = new SurveyAnswer(null, null, "it was not asked any more", default);
            }
        }

        foreach (int slot in Asked.Order())
        {
            int s = slot;
            Board.Get(s, wish.Name, wish.BytesLikely, wish.Bytes, reply =>
            {
                _answers[s] = Weigh(s, reply);
                Decide();
            });
        }

        Decide();
    }

    private void Decide()
    {
        if (_answers.All(answer => answer is not null))
        {
            Finish(new Survey(_answers!));
        }
    }

    private SurveyAnswer Weigh(int slot, CloudReply reply)
    {
        if (!reply.Succeeded)
        {
            // What is not there may never have arrived; what cannot be reached, or answers what is no answer, is no charge at all.
            return reply.IsAbsent ? new SurveyAnswer(null, ChargeKind.Lost, "it is not there", default)
                : reply.IsTooLong ? new SurveyAnswer(null, ChargeKind.Altered, reply.Failure!.Message, reply.Bytes)
                : new SurveyAnswer(null, null, reply.Failure!.Message, default);
        }

        return wish.Fits(slot, reply.Bytes) is { } wrong
            ? new SurveyAnswer(null, ChargeKind.Altered, wrong, reply.Bytes)
            : new SurveyAnswer(reply.Bytes, null, "", default);
    }
}
