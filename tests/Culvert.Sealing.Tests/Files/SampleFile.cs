using System.Buffers;
using System.Text;

namespace Culvert.Sealing.Tests;

/// <summary>A small sealed file, block by block, so that tests can put blocks where they do not belong.</summary>
internal sealed class SampleFile
{
    private SampleFile(SealedFileHeader header) => Header = header;

    public static Secret Owner { get; } = Secret.CopyOf(Encoding.ASCII.GetBytes("an owner's secret of 32 bytes ..."[..32]));

    public SealedFileHeader Header { get; }

    /// <summary>For each strand, its groups' blocks and then its end's.</summary>
    public List<List<byte[]>> Strands { get; } = [];

    /// <summary>All plain columns: strand, group, column.</summary>
    public List<List<byte[][]>> Plain { get; } = [];

    /// <summary>The file, strand behind strand.</summary>
    public byte[] Bytes => Join(Strands.SelectMany(s => s));

    /// <summary>Makes a file of two columns called <c>when</c> and <c>how much</c>.</summary>
    public static SampleFile Make(int seed = 1, int strands = 2, int groups = 3, string description = "sample.csv", byte[]? coverage = null)
    {
        SeededEntropy entropy = new(seed);
        StreamId stream = SealedFileHeader.NewStream(entropy);
        using Secret key = KeySchedule.FileKey(Owner, stream);
        SealedFileContents contents = new(SealedFileKind.Data, description, ["when", "how much"], new byte[] { 8, 1 });
        SampleFile file = new(SealedFileHeader.Seal(key, stream, KeySchedule.KeyId(Owner), strands, contents, entropy));
        Random random = new(7); // the same rows whatever the seed: what is told apart is the file, not its contents
        for (int strand = 0; strand < strands; strand++)
        {
            using SealedStrandWriter writer = new(key, file.Header, strand, entropy);
            List<byte[]> blocks = [];
            List<byte[][]> plain = [];
            for (int g = 0; g < groups; g++)
            {
                byte[][] columns = [Fill(new byte[5]), Fill(new byte[5])];
                plain.Add(columns);
                blocks.Add(Group(writer, g + 1, columns));
            }

            ArrayBufferWriter<byte> end = new();
            writer.End(coverage ?? [1, 2, 3], end);
            blocks.Add(end.WrittenSpan.ToArray());
            file.Strands.Add(blocks);
            file.Plain.Add(plain);
        }

        return file;

        byte[] Fill(byte[] bytes)
        {
            random.NextBytes(bytes);
            return bytes;
        }
    }

    public static byte[] Group(SealedStrandWriter writer, int rows, byte[][] columns)
    {
        ArrayBufferWriter<byte> block = new();
        writer.AppendGroup(rows, [.. columns.Select(c => new SealedColumn(new byte[] { 1 }, c))], block);
        return block.WrittenSpan.ToArray();
    }

    /// <summary>The header and blocks in an order of the test's choice.</summary>
    public byte[] Join(IEnumerable<byte[]> blocks) => [.. Header.Bytes.ToArray(), .. blocks.SelectMany(b => b)];

    public static Outcome<SealedFileReader> Open(byte[] bytes) => SealedFileReader.Open("sample.sealed", new MemoryStream(bytes), Owner);

    /// <summary>Opens and authenticates everything; null when all is well.</summary>
    public static Failure? Verify(byte[] bytes)
    {
        Outcome<SealedFileReader> reader = Open(bytes);
        if (!reader.Succeeded)
        {
            return reader.Failure;
        }

        using SealedFileReader opened = reader.Value;
        return opened.Verify();
    }
}
