using System.Globalization;
using System.Text;

namespace Culvert.Streams.Expressions;

/// <summary>Expressions as text for people: plans, error messages.</summary>
internal static class ExprPrinter
{
    internal static string Print(Expr expr)
    {
        StringBuilder text = new();
        Write(text, expr, nested: false);
        return text.ToString();
    }

    internal static string Symbol(BinaryOperator op) => op switch
    {
        BinaryOperator.Add or BinaryOperator.AddChecked => "+",
        BinaryOperator.Subtract or BinaryOperator.SubtractChecked => "-",
        BinaryOperator.Multiply or BinaryOperator.MultiplyChecked => "*",
        BinaryOperator.Divide => "/",
        BinaryOperator.Modulo => "%",
        BinaryOperator.And => "&",
        BinaryOperator.Or => "|",
        BinaryOperator.Xor => "^",
        BinaryOperator.ShiftLeft => "<<",
        BinaryOperator.ShiftRight => ">>",
        BinaryOperator.Equal => "==",
        BinaryOperator.NotEqual => "!=",
        BinaryOperator.LessThan => "<",
        BinaryOperator.LessThanOrEqual => "<=",
        BinaryOperator.GreaterThan => ">",
        BinaryOperator.GreaterThanOrEqual => ">=",
        BinaryOperator.AndAlso => "&&",
        BinaryOperator.OrElse => "||",
        BinaryOperator.Coalesce => "??",
        _ => op.ToString(),
    };

    internal static string Literal(object? value) => value switch
    {
        null => "null",
        bool b => b ? "true" : "false",
        string s => "'" + s.Replace("'", "''", StringComparison.Ordinal) + "'",
        byte[] bytes => "0x" + System.Convert.ToHexStringLower(bytes),
        DateTime d => "datetime('" + d.ToString("O", CultureInfo.InvariantCulture) + "')",
        DateTimeOffset d => "datetimeoffset('" + d.ToString("O", CultureInfo.InvariantCulture) + "')",
        TimeSpan t => "timespan('" + t.ToString("c", CultureInfo.InvariantCulture) + "')",
        double d => d.ToString("R", CultureInfo.InvariantCulture) is var r && r.All(c => char.IsAsciiDigit(c) || c == '-') ? r + ".0" : r,
        IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? string.Empty,
    };

    private static void Write(StringBuilder text, Expr expr, bool nested)
    {
        switch (expr)
        {
            case ColumnExpr e:
                text.Append(e.Name);
                break;
            case ConstantExpr e:
                text.Append(Literal(e.Value));
                break;
            case UnaryExpr { Operator: UnaryOperator.Value } e:
                Write(text, e.Operand, nested: true);
                text.Append(".Value");
                break;
            case UnaryExpr e:
                text.Append(e.Operator switch { UnaryOperator.Not => '!', UnaryOperator.BitNot => '~', _ => '-' });
                Write(text, e.Operand, nested: true);
                break;
            case BinaryExpr e:
                Open(text, nested);
                Write(text, e.Left, nested: true);
                text.Append(' ').Append(Symbol(e.Operator)).Append(' ');
                Write(text, e.Right, nested: true);
                Close(text, nested);
                break;
            case ConditionalExpr e:
                Open(text, nested);
                Write(text, e.Test, nested: true);
                text.Append(" ? ");
                Write(text, e.WhenTrue, nested: true);
                text.Append(" : ");
                Write(text, e.WhenFalse, nested: true);
                Close(text, nested);
                break;
            case ConvertExpr e when e.Type.Kind == e.Operand.Type.Kind:
                Write(text, e.Operand, nested);
                break;
            case ConvertExpr e:
                WriteCall(text, new ColumnType(e.Type.Kind).ToString(), e);
                break;
            case CallExpr e:
                WriteCall(text, e.Function.ToString(), e);
                break;
        }
    }

    private static void WriteCall(StringBuilder text, string name, Expr call)
    {
        text.Append(name).Append('(');
        for (int i = 0; i < call.Children.Length; i++)
        {
            text.Append(i == 0 ? string.Empty : ", ");
            Write(text, call.Children[i], nested: false);
        }

        text.Append(')');
    }

    private static void Open(StringBuilder text, bool nested) => text.Append(nested ? "(" : string.Empty);

    private static void Close(StringBuilder text, bool nested) => text.Append(nested ? ")" : string.Empty);
}
