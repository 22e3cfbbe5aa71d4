using System.Globalization;
using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Culvert.Streams;

/// <summary>
/// Which code a function is: the SHA-256 of its assembly's file, the method with its signature, and the values it
/// captured, as canonical text. The same build gives the same identity on every machine; another constant, another one.
/// What it cannot see are static fields that are written to while the job runs.
/// </summary>
internal sealed record CodeIdentity(string Canonical, string Display)
{
    /// <summary>The identity of a function, and the function over copies of what it captured, so that what the plan says is what runs.</summary>
    internal static (CodeIdentity Identity, TDelegate Code) Of<TDelegate>(TDelegate code)
        where TDelegate : Delegate
    {
        if (code.GetInvocationList().Length != 1)
        {
            throw new JobDefinitionException($"'{code.Method.Name}' is several functions joined by '+': give one function");
        }

        StringBuilder canonical = new();
        object? target = WriteDelegate(canonical, code, $"the function '{DisplayOf(code.Method)}'", 0);
        Delegate own = ReferenceEquals(target, code.Target)
            ? code
            : Delegate.CreateDelegate(typeof(TDelegate), target, code.Method);
        return (new CodeIdentity(canonical.ToString(), DisplayOf(code.Method)), (TDelegate)own);
    }

    /// <summary>The identity of a lambda that no plan expression exists for, and its compiled form over the values captured now.</summary>
    internal static (CodeIdentity Identity, TDelegate Code) Of<TDelegate>(Expression<TDelegate> lambda)
        where TDelegate : Delegate
    {
        string text = lambda.ToString();
        Expression<TDelegate> frozen = (Expression<TDelegate>)new CaptureFreezer(text).Visit(lambda)!;
        StringBuilder canonical = new("lambda ");
        new LambdaWriter(canonical).Visit(frozen);
        return (new CodeIdentity(canonical.ToString(), text), frozen.Compile());
    }

    /// <summary>Appends a function; returns what it is bound to, copied where that is a closure.</summary>
    internal static object? WriteDelegate(StringBuilder canonical, Delegate code, string where, int depth)
    {
        WriteMethod(canonical, code.Method);
        object? target = code.Target;
        if (target is null)
        {
            return null;
        }

        if (target.GetType().FullName == "System.Runtime.CompilerServices.Closure")
        {
            throw new JobDefinitionException($"{where} was compiled at run time: give the expression itself, or a method");
        }

        canonical.Append(" over ");
        return CapturedValues.Write(canonical, target, where, depth);
    }

    /// <summary>Appends a method: assembly, declaring type, name, type arguments, parameters.</summary>
    internal static void WriteMethod(StringBuilder canonical, MethodBase method)
    {
        AssemblyIdentity.Write(canonical, method.Module.Assembly);
        canonical.Append(CultureInfo.InvariantCulture, $" {TypeName(method.DeclaringType)}.{method.Name}");
        if (method.IsGenericMethod)
        {
            canonical.Append('<').AppendJoin(',', method.GetGenericArguments().Select(TypeName)).Append('>');
        }

        canonical.Append('(').AppendJoin(',', method.GetParameters().Select(p => TypeName(p.ParameterType))).Append(')');
    }

    /// <summary>A type's full name without versions of assemblies.</summary>
    internal static string TypeName(Type? type)
    {
        if (type is null)
        {
            return "-";
        }

        if (type.IsArray)
        {
            return TypeName(type.GetElementType()) + "[]";
        }

        string name = (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName ?? type.Name;
        return type.IsGenericType && !type.IsGenericTypeDefinition
            ? $"{name}<{string.Join(',', type.GetGenericArguments().Select(TypeName))}>"
            : name;
    }

    /// <summary>How people know a method: lambdas and local functions by the method they stand in.</summary>
    private static string DisplayOf(MethodInfo method)
    {
        bool isHidden = method.Name.StartsWith('<') || method.IsDefined(typeof(CompilerGeneratedAttribute));
        string name = method.Name;
        int local = name.IndexOf(">g__", StringComparison.Ordinal);
        if (local >= 0)
        {
            int end = name.IndexOf('|', local);
            return end < 0 ? name[(local + 4)..] : name[(local + 4)..end];
        }

        int outer = name.IndexOf('>', StringComparison.Ordinal);
        return isHidden && outer > 1 ? $"lambda in {name[1..outer]}" : $"{method.DeclaringType?.Name}.{name}";
    }

    /// <summary>Puts the values that a lambda's variables have now in their place.</summary>
    private sealed class CaptureFreezer(string text) : ExpressionVisitor
    {
        protected override Expression VisitMember(MemberExpression node)
        {
            if (Visit(node.Expression) is not ConstantExpression { Value: { } owner } || node.Expression is null)
            {
                return base.VisitMember(node);
            }

            bool isClosure = owner.GetType().IsDefined(typeof(CompilerGeneratedAttribute));
            if (node.Member is FieldInfo field && (isClosure || field.IsInitOnly))
            {
                object? value = field.GetValue(owner);
                if (value is not null && !isClosure && !CapturedValues.IsConstant(value))
                {
                    return base.VisitMember(node);
                }

                if (value is not null && value.GetType().IsDefined(typeof(CompilerGeneratedAttribute)) && !CapturedValues.IsConstant(value))
                {
                    return Expression.Constant(value, node.Type);
                }

                StringBuilder unused = new();
                object? copy = value is null ? null : CapturedValues.Write(unused, value, $"'{node.Member.Name}', which `{text}` captures,", 0);
                return Expression.Constant(copy, node.Type);
            }

            return base.VisitMember(node);
        }
    }

    /// <summary>Writes a lambda's tree: every node's kind and type, every method with its assembly, every constant.</summary>
    private sealed class LambdaWriter(StringBuilder canonical) : ExpressionVisitor
    {
        private readonly List<ParameterExpression> _parameters = [];

        public override Expression? Visit(Expression? node)
        {
            if (node is null)
            {
                canonical.Append('-');
                return null;
            }

            canonical.Append('(').Append(node.NodeType).Append(':').Append(TypeName(node.Type));
            switch (node)
            {
                case ParameterExpression parameter:
                    canonical.Append(' ').Append(Number(parameter));
                    break;
                case ConstantExpression { Value: { } value }:
                    canonical.Append(' ');
                    CapturedValues.Write(canonical, value, $"the value {value}", 0);
                    break;
                case MemberExpression member:
                    canonical.Append(' ').Append(TypeName(member.Member.DeclaringType)).Append('.').Append(member.Member.Name);
                    break;
                case NewExpression { Constructor: { } constructor }:
                    WriteMethod(canonical, constructor);
                    break;
                case MethodCallExpression call:
                    WriteMethod(canonical, call.Method);
                    break;
                case BinaryExpression { Method: { } method }:
                    WriteMethod(canonical, method);
                    break;
                case UnaryExpression { Method: { } method }:
                    WriteMethod(canonical, method);
                    break;
                case TypeBinaryExpression test:
                    canonical.Append(' ').Append(TypeName(test.TypeOperand));
                    break;
                default:
                    break;
            }

            Expression? visited = base.Visit(node);
            canonical.Append(')');
            return visited;
        }

        protected override MemberBinding VisitMemberBinding(MemberBinding node)
        {
            canonical.Append(node.Member.Name).Append('=');
            return base.VisitMemberBinding(node);
        }

        private int Number(ParameterExpression parameter)
        {
            if (!_parameters.Contains(parameter))
            {
                _parameters.Add(parameter);
            }

            return _parameters.IndexOf(parameter);
        }
    }
}
