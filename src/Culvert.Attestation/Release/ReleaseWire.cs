using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Culvert.Attestation;

/// <summary>
/// The messages between an enclave's host and a broker as JSON, for both sides (docs/specs/key-release.md, "Messages"). Readers
/// take hostile bytes: bounded, no member twice, none that is not known, every value of its own form.
/// </summary>
public static class ReleaseWire
{
    private static readonly JsonWriterOptions s_writing = new() { SkipValidation = false };

    /// <summary>Writes what asks for a challenge.</summary>
    public static byte[] WriteAsk(ReleaseAsk ask) => Write(json =>
    {
        json.WriteString("job", ask.Job);
        json.WriteString("plan", ask.Plan.ToString());
    });

    /// <summary>Reads what asks for a challenge.</summary>
    public static Outcome<ReleaseAsk> ReadAsk(ReadOnlyMemory<byte> message) => Read(message, "ask", ReleaseLimits.AskBytesMax, root =>
    {
        Only(root, "job", "plan");
        return new ReleaseAsk { Job = JobOf(root), Plan = PlanOf(root) };
    });

    /// <summary>Writes a challenge.</summary>
    public static byte[] WriteChallenge(ReleaseChallenge challenge) => Write(json =>
    {
        json.WriteBase64String("nonce", challenge.Nonce.AsSpan());
        json.WriteBase64String("broker", challenge.Broker.AsSpan());
        json.WriteBase64String("owner", challenge.Owner.AsSpan());
        json.WriteBase64String("manifest", challenge.Manifest.AsSpan());
        json.WriteNumber("epoch", challenge.Epoch.Value);
        json.WriteBase64String("lineage", challenge.Lineage.AsSpan());
        json.WriteString("notAfter", challenge.NotAfter.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
    });

    /// <summary>Reads a challenge.</summary>
    public static Outcome<ReleaseChallenge> ReadChallenge(ReadOnlyMemory<byte> message) => Read(message, "challenge", ReleaseLimits.AskBytesMax, root =>
    {
        Only(root, "nonce", "broker", "owner", "manifest", "epoch", "lineage", "notAfter");
        return new ReleaseChallenge
        {
            Nonce = Bytes(root, "nonce", ReleaseBinding.DigestBytes),
            Broker = Bytes(root, "broker", ReleaseBinding.DigestBytes),
            Owner = Bytes(root, "owner", ReleaseBinding.DigestBytes),
            Manifest = Bytes(root, "manifest", ReleaseBinding.DigestBytes),
            Epoch = new KeyEpoch(root.Number("epoch", ReleaseLimits.EpochsMax - 1)),
            Lineage = Bytes(root, "lineage", Manifest.LineageBytes),
            NotAfter = root.Time("notAfter"),
        };
    });

    /// <summary>Writes evidence and what is asked for with it.</summary>
    public static byte[] WriteRequest(ReleaseRequest request) => Write(json =>
    {
        WriteBinding(json, request.Binding);
        WriteFiles(json, "evidence", request.Evidence);
        if (!request.Collateral.IsEmpty)
        {
            WriteFiles(json, "collateral", request.Collateral);
        }

        if (!request.Inputs.IsEmpty)
        {
            json.WriteStartArray("inputs");
            foreach (StageInput input in request.Inputs)
            {
                json.WriteStartObject();
                json.WriteNumber("stage", input.Stage.Value);
                json.WriteString("stream", input.Stream.ToString());
                json.WriteBase64String("header", input.Header.AsSpan());
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        if (request.Output is { } output)
        {
            json.WriteString("output", output.ToString());
        }
    });

    /// <summary>Reads evidence and what is asked for with it. Whether any of it is true is not looked at.</summary>
    public static Outcome<ReleaseRequest> ReadRequest(ReadOnlyMemory<byte> message) => Read(message, "request", ReleaseLimits.RequestBytesMax, root =>
    {
        Only(root, "binding", "evidence", "collateral", "inputs", "output");
        int left = ReleaseLimits.EvidenceBytesMax;
        ImmutableSortedDictionary<string, ImmutableArray<byte>> evidence = ReadFiles(root.Need("evidence", JsonValueKind.Object), ref left);
        return new ReleaseRequest
        {
            Binding = ReadBinding(root.Need("binding", JsonValueKind.Object)),
            Evidence = evidence,
            Collateral = ReadCollateral(root, left),
            Inputs = ReadInputs(root),
            Output = root.Find("output", JsonValueKind.String) is null ? null : new StreamId(Id(root, "output")),
        };
    });

    /// <summary>Writes what a release gives.</summary>
    public static byte[] WriteAnswer(ReleaseAnswer answer) => Write(json =>
    {
        json.WriteString("result", answer.Result);
        json.WriteStartObject("bundles");
        foreach ((StageId stage, ImmutableArray<byte> bundle) in answer.Bundles)
        {
            json.WriteBase64String(stage.Value.ToString(CultureInfo.InvariantCulture), bundle.AsSpan());
        }

        json.WriteEndObject();
        if (!answer.Collateral.IsEmpty)
        {
            WriteFiles(json, "collateral", answer.Collateral);
        }
    });

    /// <summary>Reads what a release gives; neither the result nor a bundle has been verified.</summary>
    public static Outcome<ReleaseAnswer> ReadAnswer(ReadOnlyMemory<byte> message) => Read(message, "answer", ReleaseLimits.AnswerBytesMax, root =>
    {
        Only(root, "result", "bundles", "collateral");
        JsonElement bundles = root.Need("bundles", JsonValueKind.Object);
        if (bundles.GetPropertyCount() > ReleaseBinding.StagesMax)
        {
            throw new JsonException($"there are over {ReleaseBinding.StagesMax} bundles");
        }

        return new ReleaseAnswer(
            root.Text("result"),
            bundles.EnumerateObject().ToImmutableSortedDictionary(
                member => new StageId(StageNumber(member.Name)),
                member => ImmutableArray.Create(Base64(member.Value, member.Name, ReleaseLimits.BundleBytesMax))))
        {
            Collateral = ReadCollateral(root, ReleaseLimits.EvidenceBytesMax),
        };
    });

    /// <summary>Writes a refusal: the check's name and words, and nothing else.</summary>
    public static byte[] WriteRefusal(ReleaseRefusal refusal) => Write(json =>
    {
        json.WriteString("check", ReleaseCheckName.Of(refusal.Check));
        json.WriteString("words", refusal.Words);
    });

    /// <summary>Reads a refusal.</summary>
    public static Outcome<ReleaseRefusal> ReadRefusal(ReadOnlyMemory<byte> message) => Read(message, "refusal", ReleaseLimits.RefusalBytesMax, root =>
    {
        Only(root, "check", "words");
        string name = root.Text("check");
        return new ReleaseRefusal(ReleaseCheckName.Parse(name) ?? throw new JsonException($"check {name} is not known"), root.Text("words"));
    });

    internal static void WriteBinding(Utf8JsonWriter json, ReleaseBinding binding)
    {
        json.WriteStartObject("binding");
        json.WriteBase64String("nonce", binding.Nonce.AsSpan());
        json.WriteBase64String("broker", binding.Broker.AsSpan());
        json.WriteBase64String("owner", binding.Owner.AsSpan());
        json.WriteBase64String("manifest", binding.Manifest.AsSpan());
        json.WriteString("plan", binding.Plan.ToString());
        json.WriteBase64String("job", binding.Job.AsSpan());
        json.WriteString("run", binding.Run.ToString());
        json.WriteBase64String("inputs", binding.Inputs.AsSpan());
        json.WriteNumber("epoch", binding.Epoch.Value);
        json.WriteStartArray("stages");
        foreach (StageId stage in binding.Stages)
        {
            json.WriteNumberValue(stage.Value);
        }

        json.WriteEndArray();
        json.WriteBase64String("releaseKey", binding.ReleaseKey.AsSpan());
        json.WriteBase64String("signingKey", binding.SigningKey.AsSpan());
        json.WriteEndObject();
    }

    internal static ReleaseBinding ReadBinding(JsonElement from)
    {
        Only(from, "nonce", "broker", "owner", "manifest", "plan", "job", "run", "inputs", "epoch", "stages", "releaseKey", "signingKey");
        ImmutableArray<byte> inputs = ImmutableArray.Create(Base64(from.Need("inputs", JsonValueKind.String), "inputs", ReleaseBinding.DigestBytes));
        return new ReleaseBinding
        {
            Nonce = Bytes(from, "nonce", ReleaseBinding.DigestBytes),
            Broker = Bytes(from, "broker", ReleaseBinding.DigestBytes),
            Owner = Bytes(from, "owner", ReleaseBinding.DigestBytes),
            Manifest = Bytes(from, "manifest", ReleaseBinding.DigestBytes),
            Plan = PlanOf(from),
            Job = Bytes(from, "job", ReleaseBinding.DigestBytes),
            Run = new RunId(Id(from, "run")),
            Inputs = inputs.Length is 0 or ReleaseBinding.DigestBytes ? inputs : throw new JsonException("inputs is neither empty nor a digest"),
            Epoch = new KeyEpoch(from.Number("epoch", ReleaseLimits.EpochsMax - 1)),
            Stages = ReadStages(from),
            ReleaseKey = Bytes(from, "releaseKey", Sealing.HpkePublicKey.SizeBytes),
            SigningKey = ImmutableArray.Create(Base64(from.Need("signingKey", JsonValueKind.String), "signingKey", ReleaseLimits.KeyBytesMax)),
        };
    }

    private static ImmutableArray<StageId> ReadStages(JsonElement from)
    {
        int last = -1;
        return from.Each("stages", ReleaseBinding.StagesMax, element =>
        {
            if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt32(out int stage) || stage <= last || stage >= ReleaseLimits.NumbersMax)
            {
                throw new JsonException("stages are numbers, each above the one before it");
            }

            return new StageId(last = stage);
        });
    }

    private static ImmutableArray<StageInput> ReadInputs(JsonElement root)
    {
        if (root.Find("inputs", JsonValueKind.Array) is null)
        {
            return [];
        }

        int left = ReleaseLimits.HeaderBytesMax;
        return root.Each("inputs", ReleaseLimits.InputsMax, element =>
        {
            Only(element, "stage", "stream", "header");
            byte[] header = Base64(element.Need("header", JsonValueKind.String), "header", left);
            left -= header.Length;
            return new StageInput(new StageId(element.Number("stage", ReleaseLimits.NumbersMax - 1)), new StreamId(Id(element, "stream")), [.. header]);
        });
    }

    internal static void WriteFiles(Utf8JsonWriter json, string name, ImmutableSortedDictionary<string, ImmutableArray<byte>> files)
    {
        json.WriteStartObject(name);
        foreach ((string file, ImmutableArray<byte> content) in files)
        {
            json.WriteBase64String(file, content.AsSpan());
        }

        json.WriteEndObject();
    }

    internal static ImmutableSortedDictionary<string, ImmutableArray<byte>> ReadFiles(JsonElement from, ref int left)
    {
        ImmutableSortedDictionary<string, ImmutableArray<byte>>.Builder files = ImmutableSortedDictionary.CreateBuilder<string, ImmutableArray<byte>>(StringComparer.Ordinal);
        if (from.GetPropertyCount() > ReleaseLimits.FilesMax)
        {
            throw new JsonException($"there are over {ReleaseLimits.FilesMax} files");
        }

        foreach (JsonProperty member in from.EnumerateObject())
        {
            byte[] content = Base64(member.Value, "a file", left);
            left -= content.Length;
            files.Add(Encoding.UTF8.GetByteCount(member.Name) <= ReleaseLimits.FileNameBytesMax ? member.Name : throw new JsonException("a file's name is too long"), [.. content]);
        }

        return files.ToImmutable();
    }

    private static ImmutableSortedDictionary<string, ImmutableArray<byte>> ReadCollateral(JsonElement root, int bytesMax) =>
        root.Find("collateral", JsonValueKind.Object) is { } files ? ReadFiles(files, ref bytesMax) : ImmutableSortedDictionary<string, ImmutableArray<byte>>.Empty;

    private static string JobOf(JsonElement from)
    {
        string job = from.Text("job");
        return job.Length > 0 && Encoding.UTF8.GetByteCount(job) <= ReleaseLimits.JobBytesMax
            ? job
            : throw new JsonException($"job has 1 to {ReleaseLimits.JobBytesMax} bytes");
    }

    private static PlanDigest PlanOf(JsonElement from) => PlanDigest.FromBytes(LowerHex(from, "plan", PlanDigest.SizeBytes));

    private static UInt128 Id(JsonElement from, string name) => System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(LowerHex(from, name, 16));

    private static byte[] LowerHex(JsonElement from, string name, int bytes)
    {
        string text = from.Text(name);
        return text.Any(char.IsAsciiLetterUpper) ? throw new JsonException($"{name} has upper-case letters") : JsonFields.OfHex(text, name, bytes);
    }

    private static int StageNumber(string name) =>
        int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int stage)
            && stage < ReleaseLimits.NumbersMax && stage.ToString(CultureInfo.InvariantCulture) == name
            ? stage
            : throw new JsonException($"{name} is no number of a stage");

    private static ImmutableArray<byte> Bytes(JsonElement from, string name, int length) =>
        Base64(from.Need(name, JsonValueKind.String), name, length) is { } bytes && bytes.Length == length
            ? [.. bytes]
            : throw new JsonException($"{name} has not {length} bytes");

    /// <summary>Base64 of RFC 4648, section 4, with padding, of at most so many bytes.</summary>
    private static byte[] Base64(JsonElement from, string name, int bytesMax)
    {
        if (from.ValueKind != JsonValueKind.String || !from.TryGetBytesFromBase64(out byte[]? bytes))
        {
            throw new JsonException($"{name} is not base64");
        }

        return bytes.Length <= bytesMax ? bytes : throw new JsonException($"{name} has {bytes.Length} bytes, and at most {bytesMax} are read");
    }

    private static void Only(JsonElement from, params ReadOnlySpan<string> names)
    {
        if (from.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException("an object is expected");
        }

        foreach (JsonProperty member in from.EnumerateObject())
        {
            if (!names.Contains(member.Name))
            {
                throw new JsonException("a member is not known");
            }
        }
    }

    private static byte[] Write(Action<Utf8JsonWriter> members)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer, s_writing))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }

    private static Outcome<T> Read<T>(ReadOnlyMemory<byte> message, string what, int bytesMax, Func<JsonElement, T> read) =>
        message.Length > bytesMax
            ? new Failure(FailureKind.TooLarge, $"{what}: {message.Length} bytes; at most {bytesMax} are read")
            : JsonFields.Read(message, what, read);
}
