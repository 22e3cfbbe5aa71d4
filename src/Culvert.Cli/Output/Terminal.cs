using System.Runtime.InteropServices;
using System.Text;

namespace Culvert.Cli.Output;

/// <summary>The two ends that people and programs see. Standard output holds what was asked for, standard error the rest.</summary>
internal static partial class Terminal
{
    private const int WidthOtherwise = 80;
    private const nuint GetWindowSize = 0x5413; // TIOCGWINSZ

    private static readonly Lazy<StreamWriter> s_out = new(() => NewWriter(DescriptorStream.StandardOutput, autoFlush: false));
    private static readonly Lazy<StreamWriter> s_error = new(() => NewWriter(DescriptorStream.StandardError, autoFlush: true));

    /// <summary>What is done before and behind anything written to standard output: what is drawn on the same terminal is taken away, and drawn again.</summary>
    internal static void AroundOut(Action? before, Action? after) =>
        (DescriptorStream.StandardOutput.BeforeWrite, DescriptorStream.StandardOutput.AfterWrite) = (before, after);

    /// <summary>Text for standard output; flushed at the end, and by who wants it seen before.</summary>
    internal static TextWriter Out => s_out.Value;

    /// <summary>Text for standard error.</summary>
    internal static TextWriter Error => s_error.Value;

    internal static bool OutIsTerminal => DescriptorStream.StandardOutput.IsTerminal;

    internal static bool ErrorIsTerminal => DescriptorStream.StandardError.IsTerminal && Environment.GetEnvironmentVariable("TERM") is not "dumb";

    /// <summary>Columns of standard error's terminal.</summary>
    internal static unsafe int Width
    {
        get
        {
            ushort* size = stackalloc ushort[4];
            return ControlDevice(2, GetWindowSize, size) == 0 && size[1] > 0 ? size[1] : WidthOtherwise;
        }
    }

    internal static void Flush()
    {
        if (s_out.IsValueCreated)
        {
            s_out.Value.Flush();
        }
    }

    private static StreamWriter NewWriter(Stream stream, bool autoFlush) =>
        new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 16 << 10, leaveOpen: true) { AutoFlush = autoFlush, NewLine = "\n" };

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static unsafe partial int ControlDevice(int descriptor, nuint request, ushort* size);
}
