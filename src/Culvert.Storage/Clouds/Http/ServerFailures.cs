using System.Net;
using System.Net.Sockets;
using System.Xml;

namespace Culvert.Storage;

/// <summary>
/// What servers' refusals and broken connections mean. Messages are made of our own words, the status, and error codes that are
/// known: nothing that a server says freely is repeated, for it may echo a credential.
/// </summary>
internal static class ServerFailures
{
    private static readonly Dictionary<string, CloudFailureKind> s_codes = new(StringComparer.Ordinal)
    {
        // S3
        ["AccessDenied"] = CloudFailureKind.Refused,
        ["AllAccessDisabled"] = CloudFailureKind.Refused,
        ["AccountProblem"] = CloudFailureKind.Refused,
        ["AuthorizationHeaderMalformed"] = CloudFailureKind.Refused,
        ["ExpiredToken"] = CloudFailureKind.Refused,
        ["InvalidAccessKeyId"] = CloudFailureKind.Refused,
        ["InvalidToken"] = CloudFailureKind.Refused,
        ["RequestTimeTooSkewed"] = CloudFailureKind.Refused,
        ["SignatureDoesNotMatch"] = CloudFailureKind.Refused,
        ["InvalidBucketName"] = CloudFailureKind.Refused,
        ["BucketAlreadyExists"] = CloudFailureKind.Refused,
        ["IllegalLocationConstraintException"] = CloudFailureKind.Refused,
        ["InvalidLocationConstraint"] = CloudFailureKind.Refused,
        ["PermanentRedirect"] = CloudFailureKind.Refused,
        ["TemporaryRedirect"] = CloudFailureKind.Refused,
        ["NoSuchBucket"] = CloudFailureKind.Absent,
        ["NoSuchKey"] = CloudFailureKind.Absent,
        ["QuotaExceeded"] = CloudFailureKind.Full,
        ["InsufficientStorage"] = CloudFailureKind.Full,
        ["XMinioStorageFull"] = CloudFailureKind.Full,
        ["XMinioAdminBucketQuotaExceeded"] = CloudFailureKind.Full,
        ["EntityTooLarge"] = CloudFailureKind.Full,
        ["PreconditionFailed"] = CloudFailureKind.Exists,
        ["ConditionalRequestConflict"] = CloudFailureKind.Unavailable,
        ["OperationAborted"] = CloudFailureKind.Unavailable,
        ["RequestTimeout"] = CloudFailureKind.Unavailable,
        ["SlowDown"] = CloudFailureKind.Unavailable,

        // Azure
        ["AuthenticationFailed"] = CloudFailureKind.Refused,
        ["AuthorizationFailure"] = CloudFailureKind.Refused,
        ["AuthorizationPermissionMismatch"] = CloudFailureKind.Refused,
        ["AuthorizationProtocolMismatch"] = CloudFailureKind.Refused,
        ["AuthorizationResourceTypeMismatch"] = CloudFailureKind.Refused,
        ["AuthorizationServiceMismatch"] = CloudFailureKind.Refused,
        ["AuthorizationSourceIPMismatch"] = CloudFailureKind.Refused,
        ["InsufficientAccountPermissions"] = CloudFailureKind.Refused,
        ["NoAuthenticationInformation"] = CloudFailureKind.Refused,
        ["AccountIsDisabled"] = CloudFailureKind.Refused,
        ["PublicAccessNotPermitted"] = CloudFailureKind.Refused,
        ["ContainerNotFound"] = CloudFailureKind.Absent,
        ["BlobNotFound"] = CloudFailureKind.Absent,
        ["BlobAlreadyExists"] = CloudFailureKind.Exists,
        ["ConditionNotMet"] = CloudFailureKind.Exists,
        ["ContainerBeingDeleted"] = CloudFailureKind.Unavailable,
        ["OperationTimedOut"] = CloudFailureKind.Unavailable,
        ["ServerBusy"] = CloudFailureKind.Unavailable,
    };

    /// <summary>What a status, and where the server has one its error code, mean.</summary>
    internal static CloudFailure FromStatus(string call, HttpStatusCode status, string? code)
    {
        bool isKnown = s_codes.TryGetValue(code ?? "", out CloudFailureKind kind);
        if (!isKnown)
        {
            kind = KindOf(status);
        }

        string words = kind switch
        {
            CloudFailureKind.Absent => "there is none",
            CloudFailureKind.Exists => "there is one already",
            CloudFailureKind.Refused when (int)status is >= 300 and < 400 => "it sends elsewhere, which is not followed: name the server or region itself",
            CloudFailureKind.Refused => "refused",
            CloudFailureKind.Full => "no room left",
            CloudFailureKind.Unavailable => "the server failed",
            _ => "an answer that its protocol does not allow here",
        };
        return new CloudFailure(kind, $"{call}: {words} (HTTP {(int)status}{(isKnown ? ", " + code : "")})");
    }

    /// <summary>What a call that threw means; null for what is no fault of a cloud's.</summary>
    internal static CloudFailure? FromException(string call, Exception exception)
    {
        for (Exception? e = exception; e is not null; e = e.InnerException)
        {
            CloudFailure? failure = e switch
            {
                AnswerTooLargeException => new(CloudFailureKind.Malformed, $"{call}: {e.Message}"),
                XmlException => new(CloudFailureKind.Malformed, $"{call}: its answer is not XML as it should be"),
                SocketException socket => new(CloudFailureKind.Unavailable, $"{call}: no connection ({socket.SocketErrorCode})"),
                HttpRequestException { InnerException: null } http => FromRequest(call, http.HttpRequestError),
                HttpRequestException { HttpRequestError: not (HttpRequestError.Unknown or HttpRequestError.ConnectionError) } http =>
                    FromRequest(call, http.HttpRequestError),
                HttpIOException http => FromRequest(call, http.HttpRequestError),
                IOException { InnerException: null } => new(CloudFailureKind.Unavailable, $"{call}: the connection broke off"),
                _ => null,
            };
            if (failure is not null)
            {
                return failure;
            }
        }

        return exception is HttpRequestException or IOException
            ? new CloudFailure(CloudFailureKind.Unavailable, $"{call}: the connection broke off")
            : null;
    }

    private static CloudFailure FromRequest(string call, HttpRequestError error) => error switch
    {
        HttpRequestError.InvalidResponse => new(CloudFailureKind.Malformed, $"{call}: its answer is not HTTP"),
        HttpRequestError.ConfigurationLimitExceeded =>
            new(CloudFailureKind.Malformed, $"{call}: its answer has more than {AnswerLimits.HeaderKiBMax} KiB of headers"),
        HttpRequestError.SecureConnectionError => new(CloudFailureKind.Refused, $"{call}: no trusted TLS connection"),
        HttpRequestError.NameResolutionError => new(CloudFailureKind.Unavailable, $"{call}: its host's name is not found"),
        HttpRequestError.ConnectionError => new(CloudFailureKind.Unavailable, $"{call}: no connection"),
        HttpRequestError.ProxyTunnelError => new(CloudFailureKind.Unavailable, $"{call}: the proxy gave no connection"),
        _ => new(CloudFailureKind.Unavailable, $"{call}: the connection broke off"),
    };

    private static CloudFailureKind KindOf(HttpStatusCode status) => (int)status switch
    {
        404 or 410 => CloudFailureKind.Absent,

        // Some servers say of a condition of a put that does not hold what they say of one of a get.
        304 or 412 => CloudFailureKind.Exists,
        413 or 507 => CloudFailureKind.Full,
        408 or 409 or 423 or 425 or 429 => CloudFailureKind.Unavailable,
        501 or 505 => CloudFailureKind.Malformed,
        >= 500 => CloudFailureKind.Unavailable,
        >= 300 => CloudFailureKind.Refused,
        _ => CloudFailureKind.Malformed,
    };
}
