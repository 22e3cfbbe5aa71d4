using System.Text;

namespace Culvert.Engine;

/// <summary>
/// Makes flights that look like those of the US Bureau of Transportation Statistics: the same 29 columns, plausible airlines,
/// routes, times and delays, none of them real. Any number of rows in constant memory. The bytes follow from rows, seed and
/// year alone: not from the machine, nor from the number of threads.
/// </summary>
public static class FlightsGenerator
{
    /// <summary>The columns' names as the header line has them, without a line's end.</summary>
    public const string Columns =
        "Year,Month,DayofMonth,DayOfWeek,DepTime,CRSDepTime,ArrTime,CRSArrTime,UniqueCarrier,FlightNum,TailNum," +
        "ActualElapsedTime,CRSElapsedTime,AirTime,ArrDelay,DepDelay,Origin,Dest,Distance,TaxiIn,TaxiOut,Cancelled," +
        "CancellationCode,Diverted,CarrierDelay,WeatherDelay,NASDelay,SecurityDelay,LateAircraftDelay";

    // Rows that are made from one seed: large enough that a hand-over costs nothing, small enough for a core's cache.
    private const int BlockRows = 4096;

    /// <summary>
    /// Writes the rows to <paramref name="destination"/>, which stays open. Cancelling ends it between two blocks.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public static void Write(Stream destination, FlightsOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Year, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Year, 9999);

        if (options.Header)
        {
            destination.Write(Encoding.ASCII.GetBytes(Columns + "\n"));
        }

        FlightRowWriter writer = new(options);
        long blocks = (options.Rows + BlockRows - 1) / BlockRows;
        if (options.Threads == 1)
        {
            byte[] buffer = NewBuffer();
            for (long block = 0; block < blocks; block++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                destination.Write(buffer, 0, Fill(writer, options, block, buffer));
            }

            return;
        }

        WriteInParallel(destination, options, writer, blocks, cancellationToken);
    }

    /// <summary>Writes the airlines of the data as CSV: code and name, with a header line.</summary>
    public static void WriteCarriers(Stream destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        StringBuilder text = new("code,name\n");
        foreach (FlightCarrier carrier in FlightCarrier.All.OrderBy(carrier => carrier.Code, StringComparer.Ordinal))
        {
            text.Append(carrier.Code).Append(',').Append(carrier.Name).Append('\n');
        }

        destination.Write(Encoding.ASCII.GetBytes(text.ToString()));
    }

    /// <summary>Blocks are made by several threads, a bounded number ahead, and written in order by the caller's.</summary>
    private static void WriteInParallel(
        Stream destination, FlightsOptions options, FlightRowWriter writer, long blocks, CancellationToken cancellationToken)
    {
        // One more than threads, so that none waits while the caller writes.
        int ahead = (int)Math.Min(options.Threads + 1L, blocks);
        Queue<(Task<int> Filled, byte[] Buffer)> pending = new();
        long started = 0;

        void Start(byte[] buffer)
        {
            long block = started++;
            pending.Enqueue((Task.Run(() => Fill(writer, options, block, buffer)), buffer));
        }

        try
        {
            for (int i = 0; i < ahead; i++)
            {
                Start(NewBuffer());
            }

            while (pending.TryDequeue(out (Task<int> Filled, byte[] Buffer) oldest))
            {
                cancellationToken.ThrowIfCancellationRequested();
                int length = oldest.Filled.GetAwaiter().GetResult();
                destination.Write(oldest.Buffer, 0, length);
                if (started < blocks)
                {
                    Start(oldest.Buffer);
                }
            }
        }
        finally
        {
            // Also where writing failed, no thread goes on behind the caller's back.
            foreach ((Task<int> filled, _) in pending)
            {
                filled.Wait(CancellationToken.None);
            }
        }
    }

    private static byte[] NewBuffer() => GC.AllocateUninitializedArray<byte>(BlockRows * FlightRowWriter.RowBytesMax);

    private static int Fill(FlightRowWriter writer, FlightsOptions options, long block, byte[] buffer)
    {
        long first = block * BlockRows;
        return writer.Write(block, first, Math.Min(first + BlockRows, options.Rows), buffer);
    }
}
