using System.Buffers;
using System.Globalization;
using System.Text;

namespace Culvert.Lua;

/// <summary>
/// Puts a meter into a script: at the start of each function and of each turn of a loop, and before each goto, a counter
/// goes down by the number of tokens there, and below zero the sandbox is called. Nothing else can run for long.
/// It costs a few instructions; Lua's own count hook costs a call for every instruction and makes scripts half as fast.
/// Lines stay where they are.
/// </summary>
internal static class LuaMeter
{
    private const string Counter = "__culvert_left";
    private const string Stop = "__culvert_stop";

    /// <summary>
    /// The metered script, as a chunk that takes the function to call when the counter is used up, and returns a function
    /// that sets the counter and the script itself as a function. The source must be one that compiles.
    /// </summary>
    internal static Outcome<byte[]> Apply(ReadOnlySpan<byte> source)
    {
        if (FindPoints(source) is not { } points)
        {
            return new Failure(FailureKind.Malformed, "names that start with '__culvert' are taken");
        }

        ArrayBufferWriter<byte> text = new(source.Length + (points.Count * 80) + 200);
        text.Write(Encoding.ASCII.GetBytes(
            $"local {Counter},{Stop}=0,... return function(n) {Counter}=n end,function(...) "));
        int done = 0;
        foreach (Point point in points.OrderBy(p => p.Position))
        {
            text.Write(source[done..point.Position]);
            text.Write(Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture, $" {Counter}={Counter}-{point.Weight} if {Counter}<0 then {Stop}() end ")));
            done = point.Position;
        }

        text.Write(source[done..]);
        text.Write("\nend"u8);
        return text.WrittenSpan.ToArray();
    }

    private static List<Point>? FindPoints(ReadOnlySpan<byte> source)
    {
        List<Point> points = [];
        Stack<Block> blocks = new([new Block { Point = null }]);
        LuaTokens tokens = new(source);
        int index = 0;
        bool parameters = false;
        while (tokens.Next())
        {
            index++;
            ReadOnlySpan<byte> text = tokens.Text;
            if (parameters)
            {
                if (text.SequenceEqual(")"u8))
                {
                    parameters = false;
                    blocks.Push(Open(points, tokens.End, index));
                }

                continue;
            }

            if (!tokens.IsWord)
            {
                continue;
            }

            if (text.StartsWith("__culvert"u8))
            {
                return null;
            }

            if (text.SequenceEqual("function"u8))
            {
                parameters = true;
            }
            else if (text.SequenceEqual("do"u8) || text.SequenceEqual("repeat"u8))
            {
                blocks.Push(Open(points, tokens.End, index));
            }
            else if (text.SequenceEqual("if"u8))
            {
                // No point of its own: its gotos count for the block around it.
                blocks.Push(new Block { Point = null, Start = index, Gotos = blocks.Peek().Gotos });
            }
            else if (text.SequenceEqual("goto"u8))
            {
                Point point = new() { Position = tokens.Start };
                points.Add(point);
                blocks.Peek().Gotos.Add(point);
            }
            else if (text.SequenceEqual("end"u8) || text.SequenceEqual("until"u8))
            {
                Close(blocks.Pop(), index);
            }
        }

        while (blocks.Count > 0)
        {
            Close(blocks.Pop(), index);
        }

        return points;
    }

    private static Block Open(List<Point> points, int position, int index)
    {
        Block block = new() { Point = new Point { Position = position }, Start = index };
        points.Add(block.Point);
        return block;
    }

    private static void Close(Block block, int index)
    {
        int weight = Math.Max(1, index - block.Start);
        if (block.Point is not null)
        {
            block.Point.Weight = weight;
        }

        foreach (Point point in block.Gotos)
        {
            point.Weight = Math.Max(point.Weight, weight);
        }
    }

    private sealed class Point
    {
        public int Position { get; init; }

        public int Weight { get; set; }
    }

    private sealed class Block
    {
        public Point? Point { get; init; }

        public int Start { get; init; }

        public List<Point> Gotos { get; init; } = [];
    }
}
