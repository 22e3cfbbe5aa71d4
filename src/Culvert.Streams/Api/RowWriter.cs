using System.Linq.Expressions;
using System.Reflection;

namespace Culvert.Streams;

/// <summary>
/// Collects events and makes batches of them, with the columns of <see cref="RowShape{T}"/>. Used by one thread at a
/// time; its arrays go with the batch. Text becomes UTF-8.
/// </summary>
public sealed class RowWriter<T>(ColumnPool? pool = null)
{
    private const int CapacityMin = 1024;

    private readonly ColumnPool _pool = pool ?? ColumnPool.Shared;
    private readonly object[] _arrays = new object[RowShape<T>.Instance.Members.Length];
    private readonly ulong[]?[] _validity = new ulong[]?[RowShape<T>.Instance.Members.Length];
    private readonly TextWriting?[] _texts = [.. RowShape<T>.Instance.Members.Select(m => m.ColumnType.IsBytes ? new TextWriting(m.ColumnType, pool ?? ColumnPool.Shared) : null)];
    private readonly T[] _one = new T[1];
    private int _capacity;

    /// <summary>Events appended since the last <see cref="Build"/>.</summary>
    public int Count { get; private set; }

    /// <summary>Appends an event; null where its type has none throws <see cref="RowFailedException"/> with row 0.</summary>
    public void Append(T row)
    {
        _one[0] = row;
        Append(_one, 1);
    }

    /// <summary>
    /// Appends the first <paramref name="count"/> events of an array. An event with a null that its shape has no place
    /// for throws <see cref="RowFailedException"/> with its index in <paramref name="rows"/>; the writer is then as before.
    /// </summary>
    public void Append(T[] rows, int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, rows.Length);
        Reserve(count);
        int failed = Loops.Value(rows, count, _arrays, _validity, Count);
        if (failed >= 0)
        {
            Forget(count);
            throw new RowFailedException(failed, $"the event is null, and a stream of {RowShapeReflection.NameOf(typeof(T))} has no nulls");
        }

        CheckTexts(count);
        for (int m = 0; m < _texts.Length; m++)
        {
            _texts[m]?.Append(count);
        }

        Count += count;
    }

    /// <summary>A batch of what was appended, with the shape's schema; the writer is empty afterwards.</summary>
    public Batch Build()
    {
        RowShape<T> shape = RowShape<T>.Instance;
        Reserve(0);
        Column[] columns = new Column[shape.Members.Length];
        for (int m = 0; m < columns.Length; m++)
        {
            ColumnType type = shape.Members[m].ColumnType;
            columns[m] = _texts[m] is { } text
                ? text.Build()
                : ValueKinds.Visit(type.Kind, new Builder(this, m, type));
        }

        Batch batch = new(shape.Schema, columns, Count);
        (Count, _capacity) = (0, 0);
        return batch;
    }

    /// <summary>A batch of some events.</summary>
    public Batch Write(ReadOnlySpan<T> rows)
    {
        T[] copy = rows.ToArray();
        Append(copy, copy.Length);
        return Build();
    }

    private void CheckTexts(int count)
    {
        for (int m = 0; m < _texts.Length; m++)
        {
            RowMember member = RowShape<T>.Instance.Members[m];
            if (_texts[m] is { } text && !member.ColumnType.Nullable && text.FindNull(count) is var row and >= 0)
            {
                Forget(count);
                throw new RowFailedException(row, $"'{member.ColumnName}' of {RowShapeReflection.NameOf(typeof(T))} is null, and is not declared '{RowShapeReflection.NameOf(member.Type)}?'");
            }
        }
    }

    /// <summary>Events that were taken apart and then refused: their nulls must not be seen.</summary>
    private void Forget(int count)
    {
        foreach (ulong[]? words in _validity)
        {
            for (int i = 0; words is not null && i < count; i++)
            {
                Bitmap.Set(words, Count + i);
            }
        }
    }

    private void Reserve(int count)
    {
        int needed = Count + count;
        for (int m = 0; m < _texts.Length; m++)
        {
            if (_texts[m] is { } text)
            {
                _arrays[m] = text.Reserve(count);
            }
        }

        if (_capacity > 0 && needed <= _capacity)
        {
            return;
        }

        int capacity = Math.Max(Math.Max(needed, CapacityMin), _capacity * 2);
        for (int m = 0; m < _texts.Length; m++)
        {
            RowMember member = RowShape<T>.Instance.Members[m];
            if (_texts[m] is null)
            {
                _arrays[m] = ValueKinds.Visit(member.ColumnType.Kind, new Grower(this, m, capacity));
                if (member.IsNullableValue)
                {
                    ulong[] words = _pool.Rent<ulong>(Bitmap.WordCount(capacity));
                    words.AsSpan().Fill(ulong.MaxValue);
                    if (_capacity > 0)
                    {
                        _validity[m].AsSpan(0, Bitmap.WordCount(_capacity)).CopyTo(words);
                        _pool.Return(_validity[m]!);
                    }

                    _validity[m] = words;
                }
            }
        }

        _capacity = capacity;
    }

    private sealed class Grower(RowWriter<T> writer, int member, int capacity) : IValueKindVisitor<object>
    {
        public object Visit<TValue>()
            where TValue : unmanaged
        {
            TValue[] larger = writer._pool.Rent<TValue>(capacity);
            if (writer._capacity > 0)
            {
                TValue[] old = (TValue[])writer._arrays[member];
                old.AsSpan(0, writer.Count).CopyTo(larger);
                writer._pool.Return(old);
            }

            return larger;
        }
    }

    private sealed class Builder(RowWriter<T> writer, int member, ColumnType type) : IValueKindVisitor<Column>
    {
        public Column Visit<TValue>()
            where TValue : unmanaged
        {
            int count = writer.Count;
            ulong[]? words = writer._validity[member];
            writer._validity[member] = null;
            if (words is not null)
            {
                if ((count & 63) != 0)
                {
                    words[count >> 6] &= (1UL << (count & 63)) - 1;
                }

                if (Bitmap.CountSet(words, count) == count)
                {
                    writer._pool.Return(words);
                    words = null;
                }
            }

            return new FixedColumn<TValue>(type, (TValue[])writer._arrays[member], count, words, writer._pool);
        }
    }

    /// <summary>The loop that takes events apart; returns the index of a null event, or -1.</summary>
    private static class Loops
    {
        internal static readonly Func<T[], int, object[], ulong[]?[], int, int> Value = Compile();

        private static Func<T[], int, object[], ulong[]?[], int, int> Compile()
        {
            RowShape<T> shape = RowShape<T>.Instance;
            ParameterExpression rows = Expression.Parameter(typeof(T[]));
            ParameterExpression count = Expression.Parameter(typeof(int));
            ParameterExpression arrays = Expression.Parameter(typeof(object[]));
            ParameterExpression validity = Expression.Parameter(typeof(ulong[][]));
            ParameterExpression offset = Expression.Parameter(typeof(int));
            ParameterExpression i = Expression.Variable(typeof(int));
            ParameterExpression to = Expression.Variable(typeof(int));
            LabelTarget end = Expression.Label(typeof(int));
            List<ParameterExpression> locals = [i, to];
            List<Expression> before = [Expression.Assign(i, Expression.Constant(0)), Expression.Assign(to, offset)];
            List<Expression> each = [];
            Expression row = Expression.ArrayIndex(rows, i);
            if (!typeof(T).IsValueType && !shape.IsValue)
            {
                ParameterExpression local = Expression.Variable(typeof(T));
                locals.Add(local);
                each.Add(Expression.Assign(local, row));
                each.Add(Expression.IfThen(Expression.ReferenceEqual(local, Expression.Constant(null)), Expression.Break(end, i)));
                row = local;
            }

            for (int m = 0; m < shape.Members.Length; m++)
            {
                AddMember(shape.Members[m], m, arrays, validity, i, to, row, locals, before, each);
            }

            Expression loop = Expression.Loop(
                Expression.IfThenElse(
                    Expression.LessThan(i, count),
                    Expression.Block([.. each, Expression.PreIncrementAssign(to), Expression.PreIncrementAssign(i)]),
                    Expression.Break(end, Expression.Constant(-1))),
                end);
            return Expression.Lambda<Func<T[], int, object[], ulong[]?[], int, int>>(
                Expression.Block(locals, [.. before, loop]), rows, count, arrays, validity, offset).Compile();
        }

        private static void AddMember(
            RowMember member,
            int index,
            Expression arrays,
            Expression validity,
            Expression i,
            Expression to,
            Expression row,
            List<ParameterExpression> locals,
            List<Expression> before,
            List<Expression> each)
        {
            bool isText = member.ColumnType.IsBytes;
            Type element = isText ? member.Type : member.ColumnType.StorageType;
            ParameterExpression array = Expression.Variable(element.MakeArrayType());
            locals.Add(array);
            before.Add(Expression.Assign(array, Expression.Convert(Expression.ArrayIndex(arrays, Expression.Constant(index)), array.Type)));
            Expression value = member.Of(row);
            if (!member.IsNullableValue)
            {
                each.Add(Expression.Assign(
                    Expression.ArrayAccess(array, isText ? i : to), value.Type == element ? value : Expression.Convert(value, element)));
                return;
            }

            ParameterExpression words = Expression.Variable(typeof(ulong[]));
            ParameterExpression local = Expression.Variable(member.Type);
            locals.Add(words);
            locals.Add(local);
            before.Add(Expression.Assign(words, Expression.ArrayIndex(validity, Expression.Constant(index))));
            each.Add(Expression.Assign(local, value));
            MethodInfo getValue = member.Type.GetMethod(nameof(Nullable<int>.GetValueOrDefault), Type.EmptyTypes)!;
            Expression bare = Expression.Call(local, getValue);
            each.Add(Expression.Assign(Expression.ArrayAccess(array, to), bare.Type == element ? bare : Expression.Convert(bare, element)));
            Expression word = Expression.ArrayAccess(words, Expression.RightShift(to, Expression.Constant(6)));
            Expression bit = Expression.LeftShift(Expression.Constant(1UL), Expression.And(to, Expression.Constant(63)));
            each.Add(Expression.IfThen(
                Expression.Not(Expression.Property(local, nameof(Nullable<int>.HasValue))),
                Expression.Assign(word, Expression.And(word, Expression.Not(bit)))));
        }
    }
}
