using System.Collections.Immutable;

namespace Culvert.Streams;

/// <summary>A column of a sealed file as a plan wants it: which one it is, and its type there and here.</summary>
/// <param name="Index">Its index in the file.</param>
/// <param name="FileType">Its type in the file.</param>
/// <param name="Wanted">The type that the plan has for it: the same, or one that every value of the file's fits into.</param>
public sealed record ColumnMatch(int Index, ColumnType FileType, ColumnType Wanted)
{
    private readonly Kernels.Kernel? _conversion = FileType.Kind == Wanted.Kind
        ? null
        : Kernels.Kernel.Compile(Expressions.Expr.Convert(Expressions.Expr.Column(0, "value", FileType), FileType.Nullable ? Wanted.AsNullable() : Wanted with { Nullable = false }));

    private readonly Schema _single = new(new Field("value", FileType));

    /// <summary>Finds the columns of <paramref name="wanted"/> in a file; what is not there, or of a type that does not fit, is refused by name.</summary>
    public static Outcome<ColumnMatch[]> All(string file, Schema schema, Schema wanted)
    {
        ColumnMatch[] matches = new ColumnMatch[wanted.Count];
        for (int i = 0; i < matches.Length; i++)
        {
            Field field = wanted[i];
            int index = schema.IndexOf(field.Name);
            if (index < 0)
            {
                string hint = NearestNames.Find(field.Name, schema.Fields.Select(f => f.Name)) is [string near, ..] ? $"; did you mean '{near}'?" : "";
                return new Failure(FailureKind.Mismatch, $"{file} has no column '{field.Name}'{hint}");
            }

            ColumnType type = schema[index].Type;
            if (!Fits(type, field.Type))
            {
                return new Failure(
                    FailureKind.Mismatch,
                    $"{file}: the column '{field.Name}' was sealed as {type}, and the job reads it as {field.Type}: declare it as {type}{(type.Nullable ? "" : ", or as a wider type")}");
            }

            matches[i] = new ColumnMatch(index, type, field.Type);
        }

        return matches;
    }

    /// <summary>Whether every value of a type is one of another.</summary>
    public static bool Fits(ColumnType type, ColumnType wanted) =>
        (!type.Nullable || wanted.Nullable)
        && (type.Kind == wanted.Kind || (type.Kind, wanted.Kind) switch
        {
            (ValueKind.Int8, ValueKind.Int16 or ValueKind.Int32 or ValueKind.Int64) => true,
            (ValueKind.Int16, ValueKind.Int32 or ValueKind.Int64) => true,
            (ValueKind.Int32, ValueKind.Int64 or ValueKind.Float64) => true,
            (ValueKind.UInt8, ValueKind.UInt16 or ValueKind.UInt32 or ValueKind.UInt64 or ValueKind.Int16 or ValueKind.Int32 or ValueKind.Int64) => true,
            (ValueKind.UInt16, ValueKind.UInt32 or ValueKind.UInt64 or ValueKind.Int32 or ValueKind.Int64) => true,
            (ValueKind.UInt32, ValueKind.UInt64 or ValueKind.Int64) => true,
            (ValueKind.Float32, ValueKind.Float64) => true,
            _ => false,
        });

    /// <summary>The column in the wanted type; takes it over.</summary>
    public Column Convert(Column column)
    {
        if (_conversion is null)
        {
            return column;
        }

        using Batch batch = new(_single, [column], column.Count);
        return _conversion.Evaluate(batch);
    }
}
