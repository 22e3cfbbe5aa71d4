using System.Linq.Expressions;
using System.Reflection;

namespace Culvert.Streams;

/// <summary>
/// Reads rows of batches as events. Made once per schema (the loop over the columns is compiled), then used for batch
/// after batch by one thread at a time: <see cref="Bind"/>, then <see cref="Read"/> from its rows in pieces. Allocates
/// only the events that are classes, and strings: one per dictionary entry, or per row of plain text.
/// </summary>
public sealed class RowReader<T>
{
    private readonly Column[] _columns;
    private readonly object[] _arrays;
    private readonly ulong[]?[] _validity;
    private readonly int[] _indexes;
    private readonly TextReading?[] _texts;
    private readonly Action<object[], ulong[]?[], int, int, T[]> _loop;
    private Batch? _batch;

    /// <summary>
    /// Makes a reader of batches of a schema. Columns that <typeparamref name="T"/> does not have are left alone; one
    /// that is not there, or of another kind, is refused with <see cref="JobDefinitionException"/>.
    /// </summary>
    public RowReader(Schema schema)
    {
        RowShape<T> shape = RowShape<T>.Instance;
        int count = shape.Members.Length;
        _columns = new Column[count];
        _arrays = new object[count];
        _validity = new ulong[]?[count];
        _indexes = new int[count];
        _texts = new TextReading?[count];
        for (int i = 0; i < count; i++)
        {
            Field wanted = shape.Schema[i];
            int index = schema.IndexOf(wanted.Name);
            if (index < 0)
            {
                throw new JobDefinitionException($"there is no column '{wanted.Name}' for {RowShapeReflection.NameOf(typeof(T))}; there are: {schema}");
            }

            if (schema[index].Type.Kind != wanted.Type.Kind)
            {
                throw new JobDefinitionException(
                    $"the column '{wanted.Name}' is {schema[index].Type} and {RowShapeReflection.NameOf(typeof(T))} wants {wanted.Type}");
            }

            _indexes[i] = index;
            _texts[i] = wanted.Type.IsBytes ? new TextReading(wanted.Type.Kind == ValueKind.Text) : null;
        }

        _loop = Loops.Value;
    }

    /// <summary>Takes up a batch, which stays the caller's and is not disposed before the last <see cref="Read"/>.</summary>
    public void Bind(Batch batch)
    {
        _batch = batch;
        for (int i = 0; i < _indexes.Length; i++)
        {
            Column column = batch[_indexes[i]];
            _columns[i] = column;
            _validity[i] = column.ValidityWords;
            if (_texts[i] is { } text)
            {
                text.Bind((BytesColumn)column);
            }
            else
            {
                _arrays[i] = ValueKinds.Visit(column.Type.Kind, new ArrayOf(column));
            }
        }
    }

    /// <summary>
    /// Reads rows <paramref name="start"/> to <paramref name="start"/> + <paramref name="count"/> - 1 into the front of
    /// <paramref name="rows"/>. A missing value that <typeparamref name="T"/> has no null for throws <see cref="RowFailedException"/>.
    /// </summary>
    public void Read(int start, int count, T[] rows)
    {
        Batch batch = _batch ?? throw new InvalidOperationException("no batch is bound");
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, rows.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + (long)count, batch.Count, nameof(count));
        RowShape<T> shape = RowShape<T>.Instance;
        for (int i = 0; i < _texts.Length; i++)
        {
            if (_texts[i] is { } text)
            {
                _arrays[i] = text.Read(start, count);
            }
            else if (_validity[i] is not null && !shape.Members[i].ColumnType.Nullable)
            {
                CheckPresent(i, start, count);
            }
        }

        try
        {
            _loop(_arrays, _validity, start, count, rows);
        }
        catch (Exception e) when (e is not RowFailedException)
        {
            throw FindFailure(e, start, count, rows);
        }
    }

    /// <summary>Reads a whole batch: for tests and small results.</summary>
    public T[] ReadAll(Batch batch)
    {
        T[] rows = new T[batch.Count];
        Bind(batch);
        Read(0, rows.Length, rows);
        return rows;
    }

    private void CheckPresent(int member, int start, int count)
    {
        Column column = _columns[member];
        for (int row = start; row < start + count; row++)
        {
            if (column.IsNull(row))
            {
                RowMember missing = RowShape<T>.Instance.Members[member];
                throw new RowFailedException(
                    row, $"the column '{missing.ColumnName}' has no value, and {RowShapeReflection.NameOf(typeof(T))} has no null for it: declare it '{RowShapeReflection.NameOf(missing.Type)}?'");
            }
        }
    }

    /// <summary>A constructor threw: once more, row by row, to tell which.</summary>
    private RowFailedException FindFailure(Exception error, int start, int count, T[] rows)
    {
        for (int i = 0; i < count; i++)
        {
            try
            {
                Read(start + i, 1, rows);
            }
            catch (RowFailedException e)
            {
                return e;
            }
        }

        return new RowFailedException(start + (count == 1 ? 0 : count - 1), error.Message, error);
    }

    private sealed class ArrayOf(Column column) : IValueKindVisitor<object>
    {
        public object Visit<TValue>()
            where TValue : unmanaged => ((FixedColumn<TValue>)column).Array;
    }

    /// <summary>The loop over the arrays, the same for every schema; compiled with the first reader.</summary>
    private static class Loops
    {
        internal static readonly Action<object[], ulong[]?[], int, int, T[]> Value = Compile();

        private static Action<object[], ulong[]?[], int, int, T[]> Compile()
        {
            RowShape<T> shape = RowShape<T>.Instance;
            ParameterExpression arrays = Expression.Parameter(typeof(object[]));
            ParameterExpression validity = Expression.Parameter(typeof(ulong[][]));
            ParameterExpression start = Expression.Parameter(typeof(int));
            ParameterExpression count = Expression.Parameter(typeof(int));
            ParameterExpression rows = Expression.Parameter(typeof(T[]));
            ParameterExpression row = Expression.Variable(typeof(int));
            ParameterExpression i = Expression.Variable(typeof(int));
            List<ParameterExpression> locals = [row, i];
            List<Expression> body = [Expression.Assign(row, start), Expression.Assign(i, Expression.Constant(0))];
            Expression[] values = new Expression[shape.Members.Length];
            for (int m = 0; m < values.Length; m++)
            {
                RowMember member = shape.Members[m];
                bool isText = member.ColumnType.IsBytes;
                Type element = isText ? member.Type : member.ColumnType.StorageType;
                ParameterExpression array = Expression.Variable(element.MakeArrayType());
                locals.Add(array);
                body.Add(Expression.Assign(array, Expression.Convert(Expression.ArrayIndex(arrays, Expression.Constant(m)), array.Type)));
                Expression value = Expression.ArrayIndex(array, isText ? i : row);
                value = value.Type == member.BareType ? value : Expression.Convert(value, member.BareType);
                if (member.IsNullableValue)
                {
                    ParameterExpression words = Expression.Variable(typeof(ulong[]));
                    locals.Add(words);
                    body.Add(Expression.Assign(words, Expression.ArrayIndex(validity, Expression.Constant(m))));
                    value = Expression.Condition(IsPresent(words, row), Expression.Convert(value, member.Type), Expression.Default(member.Type));
                }

                values[m] = value;
            }

            LabelTarget end = Expression.Label();
            body.Add(Expression.Loop(
                Expression.IfThenElse(
                    Expression.LessThan(i, count),
                    Expression.Block(
                        Expression.Assign(Expression.ArrayAccess(rows, i), RowConstruction.Make(shape, values)),
                        Expression.PreIncrementAssign(row),
                        Expression.PreIncrementAssign(i)),
                    Expression.Break(end)),
                end));
            return Expression.Lambda<Action<object[], ulong[]?[], int, int, T[]>>(
                Expression.Block(locals, body), arrays, validity, start, count, rows).Compile();
        }

        private static BinaryExpression IsPresent(Expression words, Expression row) => Expression.OrElse(
            Expression.ReferenceEqual(words, Expression.Constant(null)),
            Expression.NotEqual(
                Expression.And(
                    Expression.RightShift(
                        Expression.ArrayIndex(words, Expression.RightShift(row, Expression.Constant(6))),
                        Expression.And(row, Expression.Constant(63))),
                    Expression.Constant(1UL)),
                Expression.Constant(0UL)));
    }
}
