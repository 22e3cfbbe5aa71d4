namespace Culvert.Streams.Kernels;

internal readonly struct SquareRoot : IMap<double, double>
{
    public static double Apply(double value) => Math.Sqrt(value);
}

internal readonly struct Exponential : IMap<double, double>
{
    public static double Apply(double value) => Math.Exp(value);
}

internal readonly struct Logarithm : IMap<double, double>
{
    public static double Apply(double value) => Math.Log(value);
}

internal readonly struct Logarithm10 : IMap<double, double>
{
    public static double Apply(double value) => Math.Log10(value);
}

internal readonly struct Power : IMap<double, double, double>
{
    public static double Apply(double left, double right) => Math.Pow(left, right);
}

internal readonly struct RoundDigits : IMap<double, int, double>
{
    public static double Apply(double left, int right) => Math.Round(left, right);
}

internal readonly struct RoundDecimalDigits : IMap<decimal, int, decimal>
{
    public static decimal Apply(decimal left, int right) => Math.Round(left, right);
}
