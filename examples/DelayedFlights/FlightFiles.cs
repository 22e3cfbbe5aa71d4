using Culvert.Streams;

/// <summary>How the public flight data is written: with a header line or, in some years, without; "NA" and an export's \N are missing values.</summary>
internal static class FlightFiles
{
    private const string Columns =
        "Year,Month,DayofMonth,DayOfWeek,DepTime,CRSDepTime,ArrTime,CRSArrTime,UniqueCarrier,FlightNum,TailNum," +
        "ActualElapsedTime,CRSElapsedTime,AirTime,ArrDelay,DepDelay,Origin,Dest,Distance,TaxiIn,TaxiOut,Cancelled," +
        "CancellationCode,Diverted,CarrierDelay,WeatherDelay,NASDelay,SecurityDelay,LateAircraftDelay";

    public static CsvOptions Options { get; } = new()
    {
        Columns = [.. Columns.Split(',').Select(name => new CsvColumn(name))],
        Missing = ["", "NA", "\\N"],
    };
}
