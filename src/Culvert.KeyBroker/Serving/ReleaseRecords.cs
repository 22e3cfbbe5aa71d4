using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Culvert.Attestation;

namespace Culvert.KeyBroker;

/// <summary>
/// A line of JSON for every release and refusal (docs/specs/key-release.md, "Records"). No key is in it. Written before the answer
/// leaves; survives the end of the process, and the store survives that of the machine. Thread safe.
/// </summary>
/// <param name="output">Where lines go; stays the caller's.</param>
public sealed class ReleaseRecords(Stream output) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);

    /// <summary>Writes a line; a failure when it cannot be written.</summary>
    internal async ValueTask<Failure?> WriteAsync(ReleaseEvent what, string client)
    {
        ArrayBufferWriter<byte> line = new();
        Write(line, what, client);
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            await output.WriteAsync(line.WrittenMemory).ConfigureAwait(false);
            await output.FlushAsync().ConfigureAwait(false);
            return null;
        }
        catch (IOException failure)
        {
            return new Failure(FailureKind.Io, $"the record cannot be written: {failure.Message}");
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _gate.Dispose();

    private static void Write(ArrayBufferWriter<byte> line, ReleaseEvent what, string client)
    {
        using (Utf8JsonWriter json = new(line))
        {
            json.WriteStartObject();
            json.WriteString("time", what.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            json.WriteString("result", JsonNamingPolicy.CamelCase.ConvertName(what.Result.ToString()));
            if (what.Refusal is { } refusal)
            {
                json.WriteString("check", ReleaseCheckName.Of(refusal.Check));
                json.WriteString("words", refusal.Words);
            }

            json.WriteString("job", what.Job);
            json.WriteString("plan", what.Plan.ToString());
            json.WriteString("run", what.Run.ToString());
            json.WriteStartArray("stages");
            foreach (StageId stage in what.Stages)
            {
                json.WriteNumberValue(stage.Value);
            }

            json.WriteEndArray();
            json.WriteNumber("manifestVersion", what.ManifestVersion);
            WriteVerdict(json, what.Verdict);
            json.WriteString("nonce", Convert.ToHexStringLower(what.NonceDigest.AsSpan()));
            json.WriteString("client", client);
            json.WriteEndObject();
        }

        line.Write("\n"u8);
    }

    private static void WriteVerdict(Utf8JsonWriter json, AttestationVerdict? verdict)
    {
        if (verdict is null)
        {
            return;
        }

        json.WriteString("kind", EvidenceKindName.Of(verdict.Kind));
        json.WriteString("status", JsonNamingPolicy.CamelCase.ConvertName(verdict.Status.ToString()));
        json.WriteString("tcb", verdict.Tcb.Status);
        json.WriteStartObject("measurement");
        foreach ((string name, string value) in verdict.MeasuredSet)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
    }
}
