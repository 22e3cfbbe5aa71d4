using System.Buffers;
using System.Linq.Expressions;

namespace Culvert.Streams;

/// <summary>
/// One event or state as bytes, in one canonical form: the members in the shape's order, each as <see cref="StateWriter"/>
/// writes it. Reading refuses anything else with <see cref="InvalidDataException"/>, wherever the bytes come from.
/// </summary>
internal static class StateCodec<T>
{
    private static readonly Action<T, StateWriter> WriteMembers = CompileWrite();
    private static readonly ReadRow ReadMembers = CompileRead();

    private delegate T ReadRow(StateReader reader);

    internal static void Write(T row, IBufferWriter<byte> writer)
    {
        if (row is null && !RowShape<T>.Instance.IsValue)
        {
            throw new InvalidOperationException($"the state is null: a {RowShapeReflection.NameOf(typeof(T))} is needed");
        }

        StateWriter state = new(writer);
        WriteMembers(row, state);
    }

    internal static T Read(ReadOnlySpan<byte> bytes)
    {
        StateReader reader = new(bytes.ToArray());
        try
        {
            T row = ReadMembers(reader);
            reader.End();
            return row;
        }
        catch (OverflowException e)
        {
            throw new InvalidDataException($"the state of a key has a number that {RowShapeReflection.NameOf(typeof(T))} has no place for", e);
        }
    }

    private static Action<T, StateWriter> CompileWrite()
    {
        ParameterExpression row = Expression.Parameter(typeof(T));
        ParameterExpression writer = Expression.Parameter(typeof(StateWriter));
        List<Expression> calls = [Expression.Empty()];
        foreach (RowMember member in RowShape<T>.Instance.Members)
        {
            Expression value = member.Of(row);
            Type stored = StoredType(member);
            calls.Add(Expression.Call(
                writer, typeof(StateWriter).GetMethod(nameof(StateWriter.Write), [stored])!, value.Type == stored ? value : Expression.Convert(value, stored)));
        }

        return Expression.Lambda<Action<T, StateWriter>>(Expression.Block(typeof(void), calls), row, writer).Compile();
    }

    private static ReadRow CompileRead()
    {
        ParameterExpression reader = Expression.Parameter(typeof(StateReader));
        RowShape<T> shape = RowShape<T>.Instance;
        List<ParameterExpression> locals = [];
        List<Expression> body = [];
        foreach (RowMember member in shape.Members)
        {
            Type stored = StoredType(member);
            Type bare = Nullable.GetUnderlyingType(stored) ?? stored;
            string method = $"Read{(bare == typeof(byte[]) ? "Bytes" : bare.Name)}{(bare != stored ? "OrNull" : "")}";
            Expression value = Expression.Call(reader, typeof(StateReader).GetMethod(method) ?? throw new InvalidOperationException(method));
            ParameterExpression local = Expression.Variable(member.Type);
            locals.Add(local);
            body.Add(Expression.Assign(local, value.Type == member.Type ? value : Expression.ConvertChecked(value, member.Type)));
        }

        body.Add(RowConstruction.Make(shape, [.. locals]));
        return Expression.Lambda<ReadRow>(Expression.Block(locals, body), reader).Compile();
    }

    /// <summary>Every whole number is stored in 64 bits: one form for many types.</summary>
    private static Type StoredType(RowMember member)
    {
        Type stored = member.ColumnType.Kind switch
        {
            ValueKind.UInt64 => typeof(ulong),
            _ when member.ColumnType.IsInteger => typeof(long),
            ValueKind.Text => typeof(string),
            _ => member.ColumnType.StorageType,
        };
        return member.IsNullableValue ? typeof(Nullable<>).MakeGenericType(stored) : stored;
    }
}
