using System.Collections.Immutable;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>Streams of CSV files' rows: <c>Source.FromCsv&lt;Flight&gt;("flights.csv")</c>.</summary>
public static class CsvStreams
{
    extension(Source)
    {
        /// <summary>
        /// The rows of files, with the members of <typeparamref name="T"/> as columns: they are found by name and have the
        /// members' types; the files' other columns are not read.
        /// </summary>
        /// <param name="inputs">Paths and patterns as <see cref="CsvSourceSettings.Inputs"/> has them; none is refused when the job runs.</param>
        /// <param name="options">How the files are written; default: commas, quotes, an empty field is a missing value.</param>
        public static Stream<T> FromCsv<T>(IEnumerable<string> inputs, CsvOptions? options = null) =>
            Source.From<T>(new CsvSourceSpec(new CsvSourceSettings { Inputs = [.. inputs], Csv = options ?? new CsvOptions() }));

        /// <summary>As the overload with several, over one path or pattern.</summary>
        public static Stream<T> FromCsv<T>(string input, CsvOptions? options = null) => Source.FromCsv<T>([input], options);

        /// <summary>As the overload with options, with everything that can be said about how files are cut and read.</summary>
        public static Stream<T> FromCsv<T>(CsvSourceSettings settings) => Source.From<T>(new CsvSourceSpec(settings));
    }
}
