namespace Culvert.Stages;

/// <summary>A sum and how many values it is of.</summary>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Sequential, Pack = 8)]
internal record struct SumState<TSum>(TSum Sum, long Count)
    where TSum : unmanaged;
