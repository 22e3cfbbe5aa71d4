namespace Culvert.Streams.Tests.Kernels;

/// <summary>A row of every kind of column that expressions compute with.</summary>
public sealed class Row
{
    public int I { get; set; }

    public int? In { get; set; }

    public long L { get; set; }

    public long? Ln { get; set; }

    public uint U { get; set; }

    public ulong? Xn { get; set; }

    public byte B { get; set; }

    public short? Hn { get; set; }

    public float F { get; set; }

    public double D { get; set; }

    public double? Dn { get; set; }

    public decimal? Mn { get; set; }

    public bool P { get; set; }

    public bool? Pn { get; set; }

    public string S { get; set; } = string.Empty;

    public string? Sn { get; set; }

    public DateTime T { get; set; }

    public DateTime? Tn { get; set; }

    public TimeSpan? Wn { get; set; }

    public DayOfWeek E { get; set; }
}
