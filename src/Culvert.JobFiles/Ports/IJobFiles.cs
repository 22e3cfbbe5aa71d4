using Culvert.Streams;

namespace Culvert.JobFiles;

/// <summary>
/// The files beside a job file. Relative paths are of the job file's folder; the shell that holds the disk resolves them.
/// </summary>
public interface IJobFiles
{
    /// <summary>The text of a file of at most <paramref name="lengthMax"/> bytes.</summary>
    Outcome<string> ReadText(string path, int lengthMax);

    /// <summary>
    /// All columns of CSV files in file order, with the types that their first rows suggest where the options give none.
    /// </summary>
    Outcome<Schema> ProbeCsv(IReadOnlyList<string> paths, CsvOptions options);

    /// <summary>The table of a lookup: the columns <paramref name="add"/> by the distinct values of the column <paramref name="on"/>.</summary>
    Outcome<LookupTable> ReadTable(string path, string on, ColumnType onType, IReadOnlyList<string> add);
}
