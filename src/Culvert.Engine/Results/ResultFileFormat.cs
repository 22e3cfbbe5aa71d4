namespace Culvert.Engine;

/// <summary>In which form a result's file has its rows. Tables for people are none of these.</summary>
public enum ResultFileFormat
{
    /// <summary>One document, as <see cref="ResultJson"/> writes it.</summary>
    Json,

    /// <summary>A JSON object a line.</summary>
    JsonLines,

    /// <summary>CSV with a header, as <see cref="CsvFormat"/> writes it.</summary>
    Csv,
}
