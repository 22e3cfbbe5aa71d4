namespace Culvert.Storage;

/// <summary>What a client measured of one cloud since it was opened. Thread safe.</summary>
internal sealed class CloudMeter
{
    // A new measurement weighs a quarter: a change of speed shows after a few calls, one outlier does not.
    private const double NewWeight = 0.25;

    private readonly Lock _lock = new();
    private double? _latencyMs;
    private long _calls;
    private long _failures;
    private long _bytesRead;
    private long _bytesWritten;
    private string? _lastFailure;

    /// <summary>Moving average of calls that succeeded, ms; null before the first.</summary>
    internal double? LatencyMs
    {
        get
        {
            lock (_lock)
            {
                return _latencyMs;
            }
        }
    }

    internal void Answered(TimeSpan took, long bytesRead, long bytesWritten)
    {
        lock (_lock)
        {
            _calls++;
            _bytesRead += bytesRead;
            _bytesWritten += bytesWritten;
            _latencyMs = _latencyMs is { } average ? average + (NewWeight * (took.TotalMilliseconds - average)) : took.TotalMilliseconds;
        }
    }

    internal void Failed(CloudFailure failure)
    {
        lock (_lock)
        {
            _calls++;
            _failures++;
            _lastFailure = failure.Message;
        }
    }

    internal CloudTraffic Read()
    {
        lock (_lock)
        {
            return new CloudTraffic(_calls, _failures, _bytesRead, _bytesWritten, _latencyMs, _lastFailure);
        }
    }
}

/// <summary>What a client measured of one cloud since it was opened.</summary>
/// <param name="Calls">Calls that ended.</param>
/// <param name="Failures">Those of them that failed otherwise than by finding nothing.</param>
/// <param name="BytesRead">Bytes of objects read.</param>
/// <param name="BytesWritten">Bytes of objects written.</param>
/// <param name="LatencyMs">Moving average of calls that succeeded, ms.</param>
/// <param name="LastFailure">The last failure.</param>
public sealed record CloudTraffic(long Calls, long Failures, long BytesRead, long BytesWritten, double? LatencyMs, string? LastFailure);
