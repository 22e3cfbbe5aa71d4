using System.Collections;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Culvert.Streams;

/// <summary>
/// The values that a function captured: constants of the plan, or the plan is refused. Constants are what a column can
/// hold, arrays, lists, sets and dictionaries of constants, regular expressions, functions, and objects that cannot
/// change: records, structs and classes whose fields are all readonly.
/// </summary>
internal static class CapturedValues
{
    private const int DepthMax = 32;

    private const BindingFlags AllFields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly MethodInfo Clone = typeof(object).GetMethod("MemberwiseClone", BindingFlags.Instance | BindingFlags.NonPublic)!;

    /// <summary>Whether <see cref="Write"/> would take a value.</summary>
    internal static bool IsConstant(object value)
    {
        try
        {
            Write(new StringBuilder(), value, "", 0);
            return true;
        }
        catch (JobDefinitionException)
        {
            return false;
        }
    }

    /// <summary>
    /// Appends a value in canonical form and returns it, closures and collections copied, so that nobody changes it afterwards.
    /// Throws <see cref="JobDefinitionException"/> that names <paramref name="where"/> when it is no constant.
    /// </summary>
    internal static object Write(StringBuilder canonical, object value, string where, int depth)
    {
        if (depth > DepthMax)
        {
            throw new JobDefinitionException($"{where} is nested more than {DepthMax} levels deep, or contains itself: capture plain values");
        }

        Type type = value.GetType();
        if (ColumnType.KindOf(type) is not null || value is char or Guid or DateOnly or TimeOnly or Type or Half or Int128 or UInt128)
        {
            WriteValue(canonical, value, type);
            return value;
        }

        switch (value)
        {
            case Regex regex:
                canonical.Append(CultureInfo.InvariantCulture, $"regex {(int)regex.Options} ");
                WriteText(canonical, regex.ToString());
                return value;
            case Delegate code:
                if (code.GetInvocationList().Length != 1)
                {
                    throw new JobDefinitionException($"{where} is several functions joined by '+': give one function");
                }

                object? target = CodeIdentity.WriteDelegate(canonical, code, where, depth + 1);
                return ReferenceEquals(target, code.Target) ? code : Delegate.CreateDelegate(type, target, code.Method);
            case Array array when array.Rank == 1:
                return WriteArray(canonical, array, where, depth);
            case IEnumerable items when IsCollection(type):
                WriteItems(canonical, items, type, where, depth);
                return Copy(value, type);
            default:
                return WriteFields(canonical, value, type, where, depth);
        }
    }

    private static void WriteValue(StringBuilder canonical, object value, Type type)
    {
        canonical.Append(CodeIdentity.TypeName(type)).Append(' ');
        switch (value)
        {
            case string text:
                WriteText(canonical, text);
                break;
            case byte[] bytes:
                canonical.Append(Convert.ToHexStringLower(bytes));
                break;
            case double number:
                canonical.Append(BitConverter.DoubleToInt64Bits(number).ToString("x", CultureInfo.InvariantCulture));
                break;
            case float number:
                canonical.Append(BitConverter.SingleToInt32Bits(number).ToString("x", CultureInfo.InvariantCulture));
                break;
            case DateTime time:
                canonical.Append(CultureInfo.InvariantCulture, $"{time.Ticks} {time.Kind}");
                break;
            case DateTimeOffset time:
                canonical.Append(CultureInfo.InvariantCulture, $"{time.Ticks} {time.Offset.Ticks}");
                break;
            case Type named:
                canonical.Append(CodeIdentity.TypeName(named));
                break;
            case Enum member:
                canonical.Append(member.ToString("D"));
                break;
            case IFormattable formattable:
                canonical.Append(formattable.ToString(value is DateOnly or TimeOnly ? "o" : null, CultureInfo.InvariantCulture));
                break;
            default:
                canonical.Append(value);
                break;
        }
    }

    /// <summary>With its length in front, so that no text can look like two values.</summary>
    private static void WriteText(StringBuilder canonical, string text) =>
        canonical.Append(CultureInfo.InvariantCulture, $"{text.Length}:{text}");

    private static Array WriteArray(StringBuilder canonical, Array array, string where, int depth)
    {
        Array copy = (Array)array.Clone();
        canonical.Append(CultureInfo.InvariantCulture, $"{CodeIdentity.TypeName(array.GetType())} {array.Length}[");
        for (int i = 0; i < array.Length; i++)
        {
            if (array.GetValue(i) is { } item)
            {
                copy.SetValue(Write(canonical, item, where, depth + 1), i);
            }
            else
            {
                canonical.Append("null");
            }

            canonical.Append(',');
        }

        canonical.Append(']');
        return copy;
    }

    private static bool IsCollection(Type type) =>
        type.Namespace is { } space && space.StartsWith("System.Collections", StringComparison.Ordinal) && type.IsGenericType;

    /// <summary>Sets and dictionaries have no order of their own: their items are sorted by their canonical forms.</summary>
    private static void WriteItems(StringBuilder canonical, IEnumerable items, Type type, string where, int depth)
    {
        List<string> written = [];
        foreach (object? item in items)
        {
            StringBuilder one = new();
            if (item is null)
            {
                one.Append("null");
            }
            else
            {
                Write(one, item, where, depth + 1);
            }

            written.Add(one.ToString());
        }

        if (type.Name.Contains("Dictionary", StringComparison.Ordinal) || type.Name.Contains("Set", StringComparison.Ordinal))
        {
            written.Sort(StringComparer.Ordinal);
        }

        if (type.GetProperty("Comparer")?.GetValue(items) is { } comparer)
        {
            canonical.Append(comparer.GetType().Name).Append(' ');
        }

        canonical.Append(CultureInfo.InvariantCulture, $"{CodeIdentity.TypeName(type)} {written.Count}[").AppendJoin(',', written).Append(']');
    }

    /// <summary>A copy of a collection that could change; immutable and frozen ones are what they are.</summary>
    private static object Copy(object value, Type type)
    {
        Type definition = type.GetGenericTypeDefinition();
        if (definition == typeof(Dictionary<,>) || definition == typeof(HashSet<>))
        {
            object comparer = type.GetProperty("Comparer")!.GetValue(value)!;
            return Activator.CreateInstance(type, value, comparer)!;
        }

        return definition == typeof(List<>) || definition == typeof(SortedSet<>) || definition == typeof(SortedDictionary<,>)
            ? Activator.CreateInstance(type, value)!
            : value;
    }

    private static object WriteFields(StringBuilder canonical, object value, Type type, string where, int depth)
    {
        bool isClosure = type.IsDefined(typeof(CompilerGeneratedAttribute)) && !RowShapeReflection.IsAnonymous(type);
        bool isRecord = type.GetMethod("<Clone>$") is not null;
        bool isOwn = type.Assembly != typeof(object).Assembly && type.Namespace?.StartsWith("System", StringComparison.Ordinal) != true;
        bool isTuple = value is ITuple || type.IsGenericType && type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>);
        if ((!isOwn && !isTuple) || value is Exception or IDisposable)
        {
            throw Refused(where, type);
        }

        object copy = isClosure && type.GetFields(AllFields).Length > 0 ? Clone.Invoke(value, null)! : value;
        canonical.Append(CodeIdentity.TypeName(type)).Append('{');
        for (Type? declaring = type; declaring is not null && declaring != typeof(object) && declaring != typeof(ValueType); declaring = declaring.BaseType)
        {
            foreach (FieldInfo field in declaring.GetFields(AllFields).OrderBy(f => f.MetadataToken))
            {
                string name = FieldName(field);
                string place = isClosure ? PlaceOf(name, where) : $"{where} (its '{name}')";
                if (!isClosure && !isRecord && !type.IsValueType && !field.IsInitOnly)
                {
                    throw new JobDefinitionException(
                        $"{where} uses {type.Name}.{name}, which may change while the job runs: make it readonly, or copy it into a local variable first");
                }

                canonical.Append(name).Append('=');
                if (field.GetValue(value) is { } inner)
                {
                    object kept = Write(canonical, inner, place, depth + 1);
                    if (isClosure && !ReferenceEquals(kept, inner))
                    {
                        field.SetValue(copy, kept);
                    }
                }
                else
                {
                    canonical.Append("null");
                }

                canonical.Append(';');
            }
        }

        canonical.Append('}');
        return copy;
    }

    private static string PlaceOf(string name, string where) =>
        name.StartsWith("CS$<>", StringComparison.Ordinal) || name.StartsWith("<>8__", StringComparison.Ordinal) ? where
        : name.EndsWith("__this", StringComparison.Ordinal) ? $"{where} uses 'this', which"
        : $"the variable '{name}', captured by {where},";

    private static string FieldName(FieldInfo field)
    {
        int end = field.Name.IndexOf(">k__BackingField", StringComparison.Ordinal);
        return end > 0 ? field.Name[1..end] : field.Name;
    }

    private static JobDefinitionException Refused(string where, Type type) => new(
        $"{where} is a {RowShapeReflection.NameOf(type)}, which cannot be a constant of the plan: capture plain values (numbers, strings, dates, enums, or arrays, lists, dictionaries and records of them), or make the object inside the function");
}
