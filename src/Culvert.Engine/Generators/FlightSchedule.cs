using System.Globalization;

namespace Culvert.Engine;

/// <summary>
/// The flights that are planned for every day: which airline flies which number from where to where, and when. It is the same
/// for every seed, as an airline's schedule is the same on good days and bad ones.
/// </summary>
internal static class FlightSchedule
{
    /// <summary>How many flights are planned; rows draw from them.</summary>
    private const int FlightsPerShare = 5;

    private const int MinutesPerDay = 24 * 60;
    private const int MilesMin = 60;
    private const int MilesOften = 350;

    // How many of 100 flights leave in an hour, from midnight on.
    private static readonly int[] s_hours = [1, 0, 0, 0, 0, 1, 7, 7, 7, 6, 6, 6, 6, 6, 6, 6, 6, 7, 6, 6, 5, 3, 1, 1];

    /// <summary>The planned flights.</summary>
    public static readonly Flight[] All = Plan();

    private static Flight[] Plan()
    {
        SplitMix64 random = new(0xC0_1BE7);
        List<Flight> flights = [];
        Dictionary<string, FlightAirport> airports = FlightAirport.All.ToDictionary(airport => airport.Code);
        int[] airportDraw = Draws(FlightAirport.All, airport => airport.Weight);
        int[] hourDraw = Draws(s_hours, weight => weight);

        foreach (FlightCarrier carrier in FlightCarrier.All)
        {
            Fragment[] fleet = Fleet(carrier);
            int number = 1;
            for (int i = 0; i < carrier.Share * FlightsPerShare; i++)
            {
                // The first hubs are the busiest: the lesser of two draws.
                int hubIndex = Math.Min(random.Below(carrier.Hubs.Length), random.Below(carrier.Hubs.Length));
                FlightAirport hub = airports[carrier.Hubs[hubIndex]];
                FlightAirport other = OtherEnd(carrier, hub, airportDraw, ref random);
                int departure = (hourDraw[random.Below(hourDraw.Length)] * 60) + (random.Below(12) * 5);

                // One in six planned times is not a multiple of five.
                departure = (departure + (random.Below(6) == 0 ? random.Below(5) : 0)) % MinutesPerDay;
                number += 1 + random.Below(carrier.Share > 60 ? 4 : 9);
                flights.Add((i & 1) == 0
                    ? Planned(carrier, number, hub, other, departure, fleet)
                    : Planned(carrier, number, other, hub, departure, fleet));
            }
        }

        return [.. flights];
    }

    private static FlightAirport OtherEnd(FlightCarrier carrier, FlightAirport hub, int[] draws, ref SplitMix64 random)
    {
        // Some hub always has an airport in range: the nearest to each is well within the shortest range.
        while (true)
        {
            FlightAirport other = FlightAirport.All[draws[random.Below(draws.Length)]];
            int miles = hub.MilesTo(other);

            // The farther, the rarer.
            bool often = miles < MilesOften || random.Below(miles) < MilesOften;
            if (miles >= MilesMin && miles <= carrier.RangeMilesMax && often)
            {
                return other;
            }
        }
    }

    private static Flight Planned(
        FlightCarrier carrier, int number, FlightAirport from, FlightAirport to, int departure, Fragment[] fleet)
    {
        int miles = from.MilesTo(to);

        // Climb and descent take their time, then 7.6 miles a minute; against the wind, that is westward, 6 % longer.
        int air = 16 + (miles * 10 / 76);
        air += from.Longitude > to.Longitude ? air * 6 / 100 : 0;
        int elapsed = air + 24;
        int zoneShift = (to.HoursFromEast - from.HoursFromEast) * 60;
        int arrival = Modulo(departure + elapsed + zoneShift);
        return new Flight
        {
            PlannedDeparture = new Fragment($"{RowText.Hhmm(departure)},"),
            PlannedArrivalAndNumber = new Fragment(
                string.Create(CultureInfo.InvariantCulture, $"{RowText.Hhmm(arrival)},{carrier.Code},{number},")),
            Route = new Fragment(string.Create(CultureInfo.InvariantCulture, $"{from.Code},{to.Code},{miles},")),
            Fleet = fleet,
            Number = number,
            DepartureMinute = departure,
            PlannedMinutes = elapsed,
            AirMinutes = air,
            ZoneShiftMinutes = zoneShift,
            Lateness = carrier.Lateness,
        };
    }

    private static Fragment[] Fleet(FlightCarrier carrier)
    {
        Fragment[] fleet = new Fragment[10 + (carrier.Share * 3)];
        for (int i = 0; i < fleet.Length; i++)
        {
            fleet[i] = new Fragment(string.Create(CultureInfo.InvariantCulture, $"N{100 + (i * 7 % 900)}{carrier.TailSuffix},"));
        }

        return fleet;
    }

    /// <summary>Each index as often as its weight says, so that a draw is one look-up.</summary>
    private static int[] Draws<T>(T[] items, Func<T, int> weight) =>
        [.. items.SelectMany((item, index) => Enumerable.Repeat(index, weight(item)))];

    private static int Modulo(int minute) => ((minute % MinutesPerDay) + MinutesPerDay) % MinutesPerDay;

    /// <summary>A flight that is planned for every day; the texts end with their commas.</summary>
    internal sealed class Flight
    {
        public required Fragment PlannedDeparture { get; init; }

        public required Fragment PlannedArrivalAndNumber { get; init; }

        public required Fragment Route { get; init; }

        public required Fragment[] Fleet { get; init; }

        public required int Number { get; init; }

        /// <summary>Minutes after local midnight.</summary>
        public required int DepartureMinute { get; init; }

        /// <summary>From gate to gate.</summary>
        public required int PlannedMinutes { get; init; }

        public required int AirMinutes { get; init; }

        public required int ZoneShiftMinutes { get; init; }

        public required int Lateness { get; init; }
    }
}
