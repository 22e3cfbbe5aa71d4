using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Culvert.Attestation;

/// <summary>A verdict as one JSON document; members are listed in <c>docs/specs/attestation.md</c>. Equal verdicts give equal bytes.</summary>
public static class VerdictDocument
{
    /// <summary>Writes the document, UTF-8, indented, with a line end.</summary>
    public static byte[] Write(AttestationVerdict verdict)
    {
        ArrayBufferWriter<byte> buffer = new();
        using (Utf8JsonWriter json = new(buffer, new JsonWriterOptions { Indented = true, NewLine = "\n" }))
        {
            Write(json, verdict);
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Writes it as one value of a larger document.</summary>
    public static void Write(Utf8JsonWriter json, AttestationVerdict verdict)
    {
        json.WriteStartObject();
        json.WriteString("kind", EvidenceKindName.Of(verdict.Kind));
        json.WriteString("status", Word(verdict.Status));
        json.WriteString("scope", verdict.Scope == AttestationScope.Workload ? "workload" : "platform");
        json.WriteString("at", verdict.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));
        json.WritePropertyName("trustworthinessVector");
        WriteVector(json, verdict.Trustworthiness);
        WriteMap(json, "measurements", verdict.Measurements);
        WriteTcb(json, verdict.Tcb);
        json.WriteString("reportData", Convert.ToHexStringLower(verdict.ReportData.AsSpan()));
        if (verdict.FailedCheck is { } failed)
        {
            json.WritePropertyName("failedCheck");
            WriteFinding(json, failed);
        }
        else
        {
            json.WriteNull("failedCheck");
        }

        json.WriteStartArray("findings");
        foreach (Finding finding in verdict.Findings)
        {
            WriteFinding(json, finding);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The document for evidence of which not even the kind can be told.</summary>
    public static byte[] WriteUnknown(Failure failure, DateTimeOffset at) => Write(new AttestationVerdict
    {
        Kind = EvidenceKind.Unknown,
        Status = AttestationStatus.None,
        Scope = AttestationScope.Platform,
        At = at,
        Trustworthiness = new TrustworthinessVector(),
        Measurements = System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty,
        Tcb = TcbAssessment.Unknown,
        ReportData = [],
        Findings = [new Finding("evidence.format", AttestationStatus.None, failure.Message)],
    });

    internal static string Word(AttestationStatus status) => status switch
    {
        AttestationStatus.Affirming => "affirming",
        AttestationStatus.Warning => "warning",
        AttestationStatus.Contraindicated => "contraindicated",
        _ => "none",
    };

    /// <summary>A vector as a value, by AR4SI's member names.</summary>
    internal static void WriteVector(Utf8JsonWriter json, TrustworthinessVector vector)
    {
        json.WriteStartObject();
        json.WriteNumber("instance-identity", vector.InstanceIdentity);
        json.WriteNumber("configuration", vector.Configuration);
        json.WriteNumber("executables", vector.Executables);
        json.WriteNumber("file-system", vector.FileSystem);
        json.WriteNumber("hardware", vector.Hardware);
        json.WriteNumber("runtime-opaque", vector.RuntimeOpaque);
        json.WriteNumber("storage-opaque", vector.StorageOpaque);
        json.WriteNumber("sourced-data", vector.SourcedData);
        json.WriteEndObject();
    }

    private static void WriteTcb(Utf8JsonWriter json, TcbAssessment tcb)
    {
        json.WriteStartObject("tcb");
        json.WriteString("status", tcb.Status);
        json.WriteStartArray("advisoryIds");
        foreach (string id in tcb.AdvisoryIds)
        {
            json.WriteStringValue(id);
        }

        json.WriteEndArray();
        WriteMap(json, "parts", tcb.Parts);
        if (tcb.EvaluationDataNumber is { } number)
        {
            json.WriteNumber("evaluationDataNumber", number);
        }

        if (tcb.Date is { } date)
        {
            json.WriteString("date", date.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        }

        json.WriteEndObject();
    }

    private static void WriteMap(Utf8JsonWriter json, string name, IEnumerable<KeyValuePair<string, string>> entries)
    {
        json.WriteStartObject(name);
        foreach ((string key, string value) in entries)
        {
            json.WriteString(key, value);
        }

        json.WriteEndObject();
    }

    private static void WriteFinding(Utf8JsonWriter json, Finding finding)
    {
        json.WriteStartObject();
        json.WriteString("check", finding.Check);
        json.WriteString("status", Word(finding.Status));
        json.WriteString("message", finding.Message);
        json.WriteEndObject();
    }
}
