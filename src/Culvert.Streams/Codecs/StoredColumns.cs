using System.Collections.Immutable;

namespace Culvert.Streams;

/// <summary>
/// The columns that a job wants of those that a file stores: where each is, and what it is decoded as. Immutable, thread safe.
/// </summary>
public sealed class StoredColumns
{
    private readonly ImmutableArray<(int Index, ColumnType Stored)> _columns;

    private StoredColumns(Schema schema, ImmutableArray<(int, ColumnType)> columns) => (Schema, _columns) = (schema, columns);

    /// <summary>The columns wanted, with the job's types.</summary>
    public Schema Schema { get; }

    /// <summary>Where a wanted column is in the file.</summary>
    public int IndexOf(int column) => _columns[column].Index;

    /// <summary>Finds a job's columns in a file. One that is not there, or whose type cannot hold the file's values, is a failure that names it; whether values are missing is seen when they are decoded.</summary>
    /// <param name="file">The file's name, for messages.</param>
    /// <param name="stored">What the file has.</param>
    /// <param name="wanted">What the job wants.</param>
    public static Outcome<StoredColumns> Find(string file, Schema stored, Schema wanted)
    {
        ImmutableArray<(int, ColumnType)>.Builder columns = ImmutableArray.CreateBuilder<(int, ColumnType)>(wanted.Count);
        foreach (Field field in wanted.Fields)
        {
            int index = stored.IndexOf(field.Name);
            if (index < 0)
            {
                string names = string.Join(", ", NearestNames.Find(field.Name, stored.Fields.Select(f => f.Name)).Select(n => $"'{n}'"));
                return new Failure(FailureKind.Missing, $"{file}: has no column '{field.Name}'; the nearest are {names}");
            }

            // Columns of inferred types are all nullable, and a job may know better.
            ColumnType type = stored[index].Type;
            if (!ColumnWidening.MayFit(type with { Nullable = field.Type.Nullable && type.Nullable }, field.Type))
            {
                return new Failure(
                    FailureKind.Mismatch,
                    $"{file}: the column '{field.Name}' is sealed as {type} and the job reads it as {field.Type}, which does not hold all of its values; declare it as {type} in the job, or seal the file with the job's types (seal --job)");
            }

            columns.Add((index, type));
        }

        return new StoredColumns(wanted, columns.MoveToImmutable());
    }

    /// <summary>Decodes a wanted column as <see cref="ColumnCodec.Decode(ColumnType, int, ReadOnlySpan{byte}, int, ColumnOpening, ColumnPool?)"/> does, as the job's type. Missing values that it has no null for are a <see cref="FailureKind.Mismatch"/>.</summary>
    public Outcome<Column> Decode(int column, int rows, ReadOnlySpan<byte> encoding, int valueBytes, ColumnOpening open, ColumnPool pool)
    {
        ColumnType wanted = Schema[column].Type;
        ColumnType stored = _columns[column].Stored with { Nullable = wanted.Nullable };
        bool misses = encoding.Length > 1 && encoding[1] != 0;
        if (misses && wanted.Nullable != _columns[column].Stored.Nullable)
        {
            return wanted.Nullable
                ? ColumnCodec.Malformed("it misses values that its type may not miss")
                : new Failure(FailureKind.Mismatch, $"misses values, and the job reads it as {wanted}, which has no null; declare it as {wanted with { Nullable = true }} in the job");
        }

        Outcome<Column> decoded = ColumnCodec.Decode(stored, rows, encoding, valueBytes, open, pool);
        if (!decoded.Succeeded)
        {
            return decoded;
        }

        Outcome<Column> converted = ColumnWidening.Convert(decoded.Value, wanted, pool);
        return converted.Failure is { } failure ? failure with { Message = $"the column '{Schema[column].Name}': {failure.Message}" } : converted;
    }
}
