using System.Globalization;

namespace Culvert.Engine;

/// <summary>An airport of the generated data, placed to about a mile.</summary>
/// <param name="Code">IATA code, three letters.</param>
/// <param name="Latitude">Degrees north.</param>
/// <param name="Longitude">Degrees east, so negative here.</param>
/// <param name="HoursFromEast">Local time less New York's, in hours.</param>
/// <param name="Weight">How likely a flight goes there, against the others.</param>
internal sealed record FlightAirport(string Code, double Latitude, double Longitude, int HoursFromEast, int Weight)
{
    // Code, latitude, longitude, hours from the east coast, weight.
    private const string Table = """
        ATL 33.64 -84.43 0 60;ORD 41.98 -87.90 -1 55;DFW 32.90 -97.04 -1 45;DEN 39.86 -104.67 -2 38;LAX 33.94 -118.41 -3 36
        PHX 33.43 -112.01 -2 32;LAS 36.08 -115.15 -3 30;IAH 29.98 -95.34 -1 30;DTW 42.21 -83.35 0 26;MSP 44.88 -93.22 -1 24
        SFO 37.62 -122.37 -3 24;EWR 40.69 -74.17 0 22;SLC 40.79 -111.98 -2 22;CLT 35.21 -80.94 0 20;BOS 42.36 -71.01 0 20
        LGA 40.78 -73.87 0 20;MCO 28.43 -81.32 0 20;PHL 39.87 -75.24 0 18;BWI 39.18 -76.67 0 18;SEA 47.45 -122.31 -3 18
        JFK 40.64 -73.78 0 18;MDW 41.79 -87.75 -1 16;SAN 32.73 -117.19 -3 16;CVG 39.05 -84.66 0 15;DCA 38.85 -77.04 0 15
        STL 38.75 -90.36 -1 13;MEM 35.04 -89.98 -1 12;OAK 37.72 -122.22 -3 12;TPA 27.98 -82.53 0 12;CLE 41.41 -81.85 0 12
        IAD 38.94 -77.46 0 12;MIA 25.79 -80.29 0 11;FLL 26.07 -80.15 0 11;PDX 45.59 -122.60 -3 11;RDU 35.88 -78.79 0 11
        HOU 29.65 -95.28 -1 10;BNA 36.12 -86.68 -1 10;SMF 38.70 -121.59 -3 10;DAL 32.85 -96.85 -1 9;SJC 37.36 -121.93 -3 9
        MCI 39.30 -94.71 -1 9;HNL 21.32 -157.92 -5 8;IND 39.72 -86.29 0 8;SNA 33.68 -117.87 -3 8;AUS 30.20 -97.67 -1 8
        MKE 42.95 -87.90 -1 8;CMH 40.00 -82.89 0 7;PIT 40.49 -80.23 0 7;SAT 29.53 -98.47 -1 7;MSY 29.99 -90.26 -1 7
        ONT 34.06 -117.60 -3 6;ABQ 35.04 -106.61 -2 6;BUR 34.20 -118.36 -3 5;JAX 30.49 -81.69 0 6;BDL 41.94 -72.68 0 5
        TUS 32.12 -110.94 -2 4;OMA 41.30 -95.89 -1 4;OGG 20.90 -156.43 -5 4;RNO 39.50 -119.77 -3 4;BHM 33.56 -86.75 -1 4
        RIC 37.51 -77.32 0 4;ORF 36.89 -76.20 0 4;TUL 36.20 -95.89 -1 4;OKC 35.39 -97.60 -1 4;SDF 38.17 -85.74 0 4
        ELP 31.81 -106.38 -2 4;BOI 43.56 -116.22 -2 3;GSO 36.10 -79.94 0 3;ROC 43.12 -77.67 0 3;BUF 42.94 -78.73 0 4
        ANC 61.17 -150.00 -4 3;SYR 43.11 -76.11 0 2;ALB 42.75 -73.80 0 3;GEG 47.62 -117.53 -3 3;LIT 34.73 -92.22 -1 3
        PVD 41.72 -71.43 0 3;MHT 42.93 -71.44 0 2;DAY 39.90 -84.22 0 3;GRR 42.88 -85.52 0 3;DSM 41.53 -93.66 -1 2
        TYS 35.81 -83.99 0 2;CHS 32.90 -80.04 0 2;SAV 32.13 -81.20 0 2;PBI 26.68 -80.10 0 5;RSW 26.54 -81.76 0 4
        ICT 37.65 -97.43 -1 2;COS 38.81 -104.70 -2 2;HSV 34.64 -86.77 -1 2;LEX 38.04 -84.61 0 2;XNA 36.28 -94.31 -1 2
        MSN 43.14 -89.34 -1 2;JAN 32.31 -90.08 -1 2;PSP 33.83 -116.51 -3 1;SBA 34.43 -119.84 -3 1;FAT 36.78 -119.72 -3 2
        BTV 44.47 -73.15 0 1;PWM 43.65 -70.31 0 1;LIH 21.98 -159.34 -5 2;KOA 19.74 -156.05 -5 2;ITO 19.72 -155.05 -5 1
        FAI 64.82 -147.86 -4 1;JNU 58.35 -134.58 -4 1;GPT 30.41 -89.07 -1 1;MOB 30.69 -88.24 -1 1;SHV 32.45 -93.83 -1 1
        """;

    /// <summary>All airports, the largest first.</summary>
    public static readonly FlightAirport[] All = [.. Table.Split(['\n', ';'], StringSplitOptions.TrimEntries).Select(Parse)];

    /// <summary>
    /// The distance in statute miles over a flat map between the two latitudes. Only operations that IEEE 754 rounds the same
    /// way everywhere, so that no machine makes other data: a series takes the place of the library's cosine.
    /// </summary>
    public int MilesTo(FlightAirport other)
    {
        const double MilesPerDegree = 69.09;
        double middle = (Latitude + other.Latitude) * (Math.PI / 360);
        double square = middle * middle;
        double cosine = 1 - (square / 2) + (square * square / 24) - (square * square * square / 720);
        double north = (Latitude - other.Latitude) * MilesPerDegree;
        double east = (Longitude - other.Longitude) * MilesPerDegree * cosine;
        return (int)Math.Sqrt((north * north) + (east * east));
    }

    private static FlightAirport Parse(string line)
    {
        string[] parts = line.Split(' ');
        return new FlightAirport(
            parts[0],
            double.Parse(parts[1], CultureInfo.InvariantCulture),
            double.Parse(parts[2], CultureInfo.InvariantCulture),
            int.Parse(parts[3], CultureInfo.InvariantCulture),
            int.Parse(parts[4], CultureInfo.InvariantCulture));
    }
}
