using System.Net;
using System.Security.Cryptography;
using Culvert.Attestation;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace Culvert.KeyBroker;

/// <summary>One owner's broker as HTTP: reads, asks the core, writes. Decides nothing but how much is read, and how often.</summary>
internal sealed class BrokerEndpoints(KeyBrokerCore core, ReleaseRecords records, IClock clock, BrokerServerOptions options) : IDisposable
{
    private const string Json = "application/json";

    private readonly ClientRates _rates = new(options.ClientBurst, options.ClientRatePerSecond);
    private readonly SemaphoreSlim _releases = new(options.ReleasesMax);

    internal void Map(IEndpointRouteBuilder routes, string prefix)
    {
        routes.MapPost($"{prefix}/v1/challenge", (RequestDelegate)ChallengeAsync);
        routes.MapPost($"{prefix}/v1/release", (RequestDelegate)ReleaseAsync);
        routes.MapGet($"{prefix}/v1/health", (RequestDelegate)HealthAsync);
        routes.MapGet($"{prefix}/v1/manifest/{{job}}", (RequestDelegate)ManifestAsync);
        routes.MapGet($"{prefix}/v1/manifest/{{job}}/{{version:int:min(1)}}", (RequestDelegate)ManifestAsync);
    }

    public void Dispose() => _releases.Dispose();

    private async Task ChallengeAsync(HttpContext context)
    {
        if (!await MayAsync(context).ConfigureAwait(false) || await ReadAsync(context, ReleaseLimits.AskBytesMax).ConfigureAwait(false) is not { } body)
        {
            return;
        }

        Outcome<ReleaseAsk> ask = ReleaseWire.ReadAsk(body);
        if (!ask.Succeeded)
        {
            await RefuseAsync(context, new ReleaseRefusal(ReleaseCheck.RequestMalformed, ask.Failure.Message), null).ConfigureAwait(false);
            return;
        }

        (ReleaseChallenge? challenge, ReleaseRefusal? refusal) = core.Challenge(ask.Value);
        if (challenge is null)
        {
            await RefuseAsync(context, refusal!, ask.Value).ConfigureAwait(false);
            return;
        }

        await WriteAsync(context, StatusCodes.Status200OK, ReleaseWire.WriteChallenge(challenge)).ConfigureAwait(false);
    }

    private async Task ReleaseAsync(HttpContext context)
    {
        if (!await MayAsync(context).ConfigureAwait(false))
        {
            return;
        }

        await _releases.WaitAsync(context.RequestAborted).ConfigureAwait(false);
        try
        {
            if (await ReadAsync(context, ReleaseLimits.RequestBytesMax).ConfigureAwait(false) is not { } body)
            {
                return;
            }

            Outcome<ReleaseRequest> request = ReleaseWire.ReadRequest(body);
            if (!request.Succeeded)
            {
                await RefuseAsync(context, new ReleaseRefusal(ReleaseCheck.RequestMalformed, request.Failure.Message), null).ConfigureAwait(false);
                return;
            }

            // Not cancelled when the client goes: what is counted is also put on record.
            ReleaseOutcome outcome = await core.AnswerAsync(request.Value, CancellationToken.None).ConfigureAwait(false);
            if (await records.WriteAsync(outcome.Event, ClientOf(context)).ConfigureAwait(false) is { } lost)
            {
                // What is not on record does not leave.
                outcome = outcome with { Answer = null, Refusal = new ReleaseRefusal(ReleaseCheck.Store, lost.Message) };
            }

            await (outcome.Answer is { } answer
                ? WriteAsync(context, StatusCodes.Status200OK, ReleaseWire.WriteAnswer(answer))
                : WriteAsync(context, outcome.Refusal!)).ConfigureAwait(false);
        }
        finally
        {
            _releases.Release();
        }
    }

    private async Task HealthAsync(HttpContext context)
    {
        if (await MayAsync(context).ConfigureAwait(false))
        {
            await WriteAsync(context, StatusCodes.Status200OK, core.IsDryRun ? """{"status":"ok","dryRun":true}"""u8.ToArray() : """{"status":"ok","dryRun":false}"""u8.ToArray()).ConfigureAwait(false);
        }
    }

    private async Task ManifestAsync(HttpContext context)
    {
        if (!await MayAsync(context).ConfigureAwait(false))
        {
            return;
        }

        ManifestHistory? history = core.ManifestOf((string)context.GetRouteValue("job")!);
        SignedManifest? signed = history?.Current;
        if (history is not null && context.GetRouteValue("version") is string text)
        {
            int version = int.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
            signed = version <= history.Versions.Length ? history.Versions[version - 1] : null;
        }

        await (signed is null
            ? WriteAsync(context, new ReleaseRefusal(ReleaseCheck.JobUnknown, "there is no such job or version"))
            : WriteAsync(context, StatusCodes.Status200OK, ManifestDocument.Write(signed))).ConfigureAwait(false);
    }

    /// <summary>Whether the client has not asked too often; told so where it has.</summary>
    private async ValueTask<bool> MayAsync(HttpContext context)
    {
        RateAnswer rate = _rates.Take(context.Connection.RemoteIpAddress ?? IPAddress.None, clock.Elapsed);
        if (rate == RateAnswer.Allowed)
        {
            return true;
        }

        context.Response.Headers.RetryAfter = "1";
        ReleaseRefusal refusal = new(ReleaseCheck.Rate, "too many requests: try again in a second");

        // One line for each time that a client begins to ask too often, so that nobody can fill the disk by asking.
        await (rate == RateAnswer.Refused ? RefuseAsync(context, refusal, null) : WriteAsync(context, refusal)).ConfigureAwait(false);
        return false;
    }

    /// <summary>A body of at most so many bytes; null when it was refused.</summary>
    private async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(HttpContext context, int bytesMax)
    {
        if (!string.Equals(context.Request.ContentType?.Split(';')[0].Trim(), Json, StringComparison.OrdinalIgnoreCase))
        {
            await RefuseAsync(context, new ReleaseRefusal(ReleaseCheck.RequestMalformed, $"the content type is not {Json}"), null, StatusCodes.Status415UnsupportedMediaType).ConfigureAwait(false);
            return null;
        }

        context.Features.Get<IHttpMaxRequestBodySizeFeature>()!.MaxRequestBodySize = bytesMax;
        try
        {
            using MemoryStream body = new((int)Math.Clamp(context.Request.ContentLength ?? 0, 0, 64 << 10));
            await context.Request.Body.CopyToAsync(body, context.RequestAborted).ConfigureAwait(false);
            return body.ToArray();
        }
        catch (BadHttpRequestException failure)
        {
            await RefuseAsync(context, new ReleaseRefusal(ReleaseCheck.RequestMalformed, $"the body cannot be read, or has over {bytesMax} bytes"), null, failure.StatusCode).ConfigureAwait(false);
            return null;
        }
    }

    /// <summary>A refusal that does not come from evidence, on record.</summary>
    private async Task RefuseAsync(HttpContext context, ReleaseRefusal refusal, ReleaseAsk? ask, int? status = null)
    {
        ReleaseEvent what = new()
        {
            At = clock.UtcNow,
            Result = core.IsDryRun ? ReleaseResult.WouldRefuse : ReleaseResult.Refused,
            Refusal = refusal,
            Job = ask?.Job ?? "",
            Plan = ask?.Plan ?? default,
            Run = default,
            Stages = [],
            NonceDigest = [.. SHA256.HashData([])],
        };
        await records.WriteAsync(what, ClientOf(context)).ConfigureAwait(false);
        await WriteAsync(context, refusal, status).ConfigureAwait(false);
    }

    private static Task WriteAsync(HttpContext context, ReleaseRefusal refusal, int? status = null) =>
        WriteAsync(context, status ?? StatusOf(refusal.Check), ReleaseWire.WriteRefusal(refusal));

    private static Task WriteAsync(HttpContext context, int status, byte[] body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = Json;
        context.Response.ContentLength = body.Length;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.Body.WriteAsync(body, context.RequestAborted).AsTask();
    }

    private static int StatusOf(ReleaseCheck check) => check switch
    {
        ReleaseCheck.RequestMalformed => StatusCodes.Status400BadRequest,
        ReleaseCheck.JobUnknown => StatusCodes.Status404NotFound,
        ReleaseCheck.Rate => StatusCodes.Status429TooManyRequests,
        ReleaseCheck.Store => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status403Forbidden,
    };

    private static string ClientOf(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "";
}
