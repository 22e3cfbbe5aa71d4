using System.Runtime.InteropServices;
using System.Text;

namespace Culvert.Enclaves.Simulation;

/// <summary>Arguments or an environment as the operating system takes them: an array of pointers to text that ends with zero.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private readonly int _count;

    internal NativeStrings(IReadOnlyList<string> texts)
    {
        _count = texts.Count;
        Pointers = (byte**)NativeMemory.AllocZeroed((nuint)(_count + 1), (nuint)sizeof(byte*));
        for (int i = 0; i < _count; i++)
        {
            int length = Encoding.UTF8.GetByteCount(texts[i]);
            Pointers[i] = (byte*)NativeMemory.AllocZeroed((nuint)length + 1);
            Encoding.UTF8.GetBytes(texts[i], new Span<byte>(Pointers[i], length));
        }
    }

    internal byte** Pointers { get; private set; }

    public void Dispose()
    {
        if (Pointers is not null)
        {
            for (int i = 0; i < _count; i++)
            {
                NativeMemory.Free(Pointers[i]);
            }

            NativeMemory.Free(Pointers);
            Pointers = null;
        }
    }
}
