using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Culvert.Engine;

/// <summary>Writes one block of rows. A block's rows follow from the options and its number alone, so any thread can make it.</summary>
internal sealed class FlightRowWriter
{
    /// <summary>Room that a row never exceeds, the slack of wide stores included.</summary>
    public const int RowBytesMax = 256;

    // From here on a flight counts as late, and the causes are told.
    private const int LateMinutes = 15;

    private readonly FlightsOptions _options;
    private readonly int _days;
    private readonly Fragment[] _dates;
    private readonly int[] _trouble;

    public FlightRowWriter(FlightsOptions options)
    {
        _options = options;
        DateOnly first = new(options.Year, 1, 1);
        _days = DateTime.IsLeapYear(options.Year) ? 366 : 365;
        _dates = new Fragment[_days];
        _trouble = new int[_days];
        for (int day = 0; day < _days; day++)
        {
            DateOnly date = first.AddDays(day);
            int weekday = date.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)date.DayOfWeek;
            _dates[day] = new Fragment(
                string.Create(CultureInfo.InvariantCulture, $"{date.Year},{date.Month},{date.Day},{weekday},"));
            _trouble[day] = DelayModel.DayTrouble(options.Seed, date.Month, day);
        }
    }

    private static ReadOnlySpan<byte> NoCauses => "0,,0,NA,NA,NA,NA,NA\n"u8;

    /// <summary>
    /// Writes the rows from <paramref name="firstRow"/> up to and without <paramref name="endRow"/> and tells how many bytes
    /// they take. <paramref name="destination"/> has <see cref="RowBytesMax"/> bytes for each.
    /// </summary>
    public int Write(long block, long firstRow, long endRow, Span<byte> destination)
    {
        Invariant.Holds(destination.Length >= (endRow - firstRow) * RowBytesMax);
        SplitMix64 random = SplitMix64.ForBlock(_options.Seed, block);
        ref byte start = ref MemoryMarshal.GetReference(destination);
        ref byte next = ref start;
        int day = DayOf(firstRow);
        long dayEnd = FirstRowOf(day + 1);
        FlightSchedule.Flight[] flights = FlightSchedule.All;

        for (long row = firstRow; row < endRow; row++)
        {
            while (row >= dayEnd)
            {
                day++;
                dayEnd = FirstRowOf(day + 1);
            }

            ulong draw = random.Next();
            FlightSchedule.Flight flight = flights[(int)(((draw >> 32) * (ulong)flights.Length) >> 32)];
            next = ref _dates[day].WriteTo(ref next);
            int trouble = _trouble[day];

            // Of 65,536 flights: 1 % to 4 % cancelled, by the day's trouble; 0.25 % diverted.
            int fate = (int)(draw & 0xFFFF);
            int cancelled = 700 + (trouble * 450);
            if (fate < cancelled)
            {
                next = ref Cancelled(flight, random.Next(), trouble, ref next);
            }
            else if (fate < cancelled + 164)
            {
                next = ref Diverted(flight, random.Next(), trouble, ref next);
            }
            else
            {
                next = ref Flown(flight, random.Next(), random.Next(), trouble, ref next);
            }
        }

        return (int)Unsafe.ByteOffset(ref start, ref next);
    }

    /// <summary>Rows are spread evenly: day d begins at the row ceil(d × rows / days).</summary>
    private long FirstRowOf(int day) => (long)((((UInt128)(ulong)_options.Rows * (uint)day) + (uint)(_days - 1)) / (uint)_days);

    private int DayOf(long row) => (int)((UInt128)(ulong)row * (uint)_days / (ulong)_options.Rows);

    private static int Delay(FlightSchedule.Flight flight, int trouble, uint bits16)
    {
        // Delays pile up in the course of a day.
        int hours = flight.DepartureMinute switch { < 9 * 60 => 0, < 15 * 60 => 1, _ => 2 };
        int delay = DelayModel.DepartureMinutes(Math.Min(trouble + hours + flight.Lateness, DelayModel.Levels - 1), bits16);
        return Math.Max(delay, -60);
    }

    private static ref byte Flown(
        FlightSchedule.Flight flight, ulong times, ulong draw, int trouble, ref byte next)
    {
        int departureDelay = Delay(flight, trouble, (uint)(times & 0xFFFF));

        // The sum of two even draws, and now and then a long wait.
        int taxiOut = 6 + (int)((times >> 16) & 7) + (int)((times >> 19) & 7) + trouble;
        taxiOut += ((times >> 22) & 31) == 0 ? (int)((times >> 27) & 63) : 0;
        int taxiIn = 3 + (int)((times >> 33) & 3) + (int)((times >> 35) & 3) + (((times >> 37) & 31) == 0 ? 9 : 0);
        int wind = flight.AirMinutes * ((int)((times >> 42) & 15) + (int)((times >> 46) & 15) - 16) / 128;
        int air = flight.AirMinutes + wind + (int)((times >> 50) & 3);
        int elapsed = taxiOut + air + taxiIn;
        int arrivalDelay = departureDelay + elapsed - flight.PlannedMinutes;
        int departure = flight.DepartureMinute + departureDelay;

        next = ref Append(ref next, RowText.Time(departure));
        next = ref flight.PlannedDeparture.WriteTo(ref next);
        next = ref Append(ref next, RowText.Time(departure + elapsed + flight.ZoneShiftMinutes));
        next = ref flight.PlannedArrivalAndNumber.WriteTo(ref next);
        next = ref Tail(flight, draw >> 32).WriteTo(ref next);
        next = ref Append(ref next, RowText.Number(elapsed));
        next = ref Append(ref next, RowText.Number(flight.PlannedMinutes));
        next = ref Append(ref next, RowText.Number(air));
        next = ref Append(ref next, RowText.Number(arrivalDelay));
        next = ref Append(ref next, RowText.Number(departureDelay));
        next = ref flight.Route.WriteTo(ref next);
        next = ref Append(ref next, RowText.Number(taxiIn));
        next = ref Append(ref next, RowText.Number(taxiOut));
        return ref arrivalDelay < LateMinutes
            ? ref Append(ref next, NoCauses)
            : ref Causes(arrivalDelay, departureDelay, draw, ref next);
    }

    /// <summary>The causes of a delay, in minutes: carrier, weather, air traffic, security, late aircraft. Their sum is the delay.</summary>
    private static ref byte Causes(int arrivalDelay, int departureDelay, ulong draw, ref byte next)
    {
        // What was lost after departure is air traffic's; what the flight left with has one or two other causes.
        int traffic = Math.Clamp(arrivalDelay - departureDelay, 0, arrivalDelay);
        int rest = arrivalDelay - traffic;
        int part = (int)(rest * (int)(draw & 0xFF) / 256);
        int carrier = 0, weather = 0, security = 0, lateAircraft = 0;
        switch ((draw >> 8) & 0xFF)
        {
            case < 90: lateAircraft = rest; break;
            case < 150: carrier = rest; break;
            case < 200: carrier = part; lateAircraft = rest - part; break;
            case < 240: traffic += part; carrier = rest - part; break;
            case < 255: weather = rest; break;
            default: security = part; carrier = rest - part; break;
        }

        next = ref Append(ref next, "0,,0,"u8);
        next = ref Append(ref next, RowText.Number(carrier));
        next = ref Append(ref next, RowText.Number(weather));
        next = ref Append(ref next, RowText.Number(traffic));
        next = ref Append(ref next, RowText.Number(security));
        next = ref Append(ref next, RowText.Number(lateAircraft));

        // The comma of the last number gives way to the line's end.
        Unsafe.Subtract(ref next, 1) = (byte)'\n';
        return ref next;
    }

    private static ref byte Cancelled(FlightSchedule.Flight flight, ulong draw, int trouble, ref byte next)
    {
        next = ref Append(ref next, "NA,"u8);
        next = ref flight.PlannedDeparture.WriteTo(ref next);
        next = ref Append(ref next, "NA,"u8);
        next = ref flight.PlannedArrivalAndNumber.WriteTo(ref next);

        // Often no aircraft was chosen yet.
        if ((draw & 3) != 0)
        {
            next = ref Tail(flight, draw >> 16).WriteTo(ref next);
        }
        else
        {
            next = ref Append(ref next, ","u8);
        }

        next = ref Append(ref next, "NA,"u8);
        next = ref Append(ref next, RowText.Number(flight.PlannedMinutes));
        next = ref Append(ref next, "NA,NA,NA,"u8);
        next = ref flight.Route.WriteTo(ref next);
        next = ref Append(ref next, "NA,NA,1,"u8);
        int cause = (int)((draw >> 8) & 0xFF);
        int carrierBelow = 130 - (trouble * 25);
        next = (byte)(cause == 255 ? 'D' : cause < carrierBelow ? 'A' : cause < 190 ? 'B' : 'C');
        next = ref Unsafe.Add(ref next, 1);
        return ref Append(ref next, ",0,NA,NA,NA,NA,NA\n"u8);
    }

    private static ref byte Diverted(FlightSchedule.Flight flight, ulong draw, int trouble, ref byte next)
    {
        int delay = Delay(flight, trouble, (uint)(draw & 0xFFFF));
        next = ref Append(ref next, RowText.Time(flight.DepartureMinute + delay));
        next = ref flight.PlannedDeparture.WriteTo(ref next);
        next = ref Append(ref next, "NA,"u8);
        next = ref flight.PlannedArrivalAndNumber.WriteTo(ref next);
        next = ref Tail(flight, draw >> 16).WriteTo(ref next);
        next = ref Append(ref next, "NA,"u8);
        next = ref Append(ref next, RowText.Number(flight.PlannedMinutes));
        next = ref Append(ref next, "NA,NA,"u8);
        next = ref Append(ref next, RowText.Number(delay));
        next = ref flight.Route.WriteTo(ref next);
        next = ref Append(ref next, "NA,"u8);
        next = ref Append(ref next, RowText.Number(8 + (int)((draw >> 32) & 15)));
        return ref Append(ref next, "0,,1,NA,NA,NA,NA,NA\n"u8);
    }

    private static ref Fragment Tail(FlightSchedule.Flight flight, ulong bits) =>
        ref flight.Fleet[(int)(((bits & 0xFFFF) * (ulong)flight.Fleet.Length) >> 16)];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte Append(ref byte next, ulong packed)
    {
        Unsafe.WriteUnaligned(ref next, packed);
        return ref Unsafe.Add(ref next, (nint)(packed >> 56));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte Append(ref byte next, ReadOnlySpan<byte> text)
    {
        text.CopyTo(MemoryMarshal.CreateSpan(ref next, text.Length));
        return ref Unsafe.Add(ref next, text.Length);
    }
}
