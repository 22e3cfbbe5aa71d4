namespace Culvert.Engine;

/// <summary>An airline of the generated data.</summary>
/// <param name="Code">Two characters.</param>
/// <param name="Name">As people say it.</param>
/// <param name="Share">Its share of the scheduled flights, in thousandths.</param>
/// <param name="RangeMilesMax">How far it flies: regional airlines do not cross the continent.</param>
/// <param name="TailSuffix">The end of its aircraft's registrations.</param>
/// <param name="Lateness">How much later than others it tends to be: 0 to 2.</param>
/// <param name="Hubs">Where its flights start or end, the largest first.</param>
internal sealed record FlightCarrier(
    string Code, string Name, int Share, int RangeMilesMax, string TailSuffix, int Lateness, params string[] Hubs)
{
    private const int Anywhere = 5000;

    /// <summary>The airlines that reported in 2008, with about the shares they had.</summary>
    public static readonly FlightCarrier[] All =
    [
        new("WN", "Southwest Airlines", 172, 2300, "SW", 0, "LAS", "MDW", "PHX", "BWI", "OAK", "DAL", "HOU", "LAX", "DEN"),
        new("AA", "American Airlines", 86, Anywhere, "AA", 2, "DFW", "ORD", "MIA", "STL", "LAX"),
        new("OO", "SkyWest Airlines", 81, 1300, "SK", 1, "SLC", "DEN", "LAX", "SFO", "ORD"),
        new("MQ", "American Eagle Airlines", 70, 1200, "MQ", 2, "DFW", "ORD", "RDU", "LGA"),
        new("US", "US Airways", 65, Anywhere, "US", 0, "CLT", "PHX", "PHL", "LAS", "DCA"),
        new("DL", "Delta Air Lines", 65, Anywhere, "DL", 0, "ATL", "SLC", "CVG", "JFK"),
        new("UA", "United Airlines", 64, Anywhere, "UA", 2, "ORD", "DEN", "SFO", "IAD", "LAX"),
        new("XE", "ExpressJet Airlines", 54, 1400, "EX", 1, "IAH", "EWR", "CLE", "ONT"),
        new("NW", "Northwest Airlines", 50, Anywhere, "NW", 0, "MSP", "DTW", "MEM"),
        new("CO", "Continental Airlines", 43, Anywhere, "CO", 1, "IAH", "EWR", "CLE"),
        new("EV", "Atlantic Southeast Airlines", 40, 1100, "EV", 2, "ATL", "CVG"),
        new("9E", "Pinnacle Airlines", 38, 1100, "9E", 0, "MEM", "MSP", "DTW"),
        new("FL", "AirTran Airways", 38, 2400, "AT", 1, "ATL", "MCO", "BWI"),
        new("YV", "Mesa Airlines", 37, 1200, "YV", 1, "PHX", "CLT", "ORD", "IAD"),
        new("OH", "Comair", 28, 1200, "CA", 2, "CVG", "JFK", "ATL"),
        new("B6", "JetBlue Airways", 28, Anywhere, "JB", 2, "JFK", "BOS", "FLL", "MCO"),
        new("AS", "Alaska Airlines", 22, Anywhere, "AS", 0, "SEA", "PDX", "ANC"),
        new("F9", "Frontier Airlines", 14, 2000, "FR", 0, "DEN"),
        new("HA", "Hawaiian Airlines", 9, Anywhere, "HA", 0, "HNL", "OGG"),
        new("AQ", "Aloha Airlines", 2, 3000, "AQ", 0, "HNL", "OGG"),
    ];
}
