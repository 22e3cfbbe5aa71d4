namespace Culvert.Sealing.Tests;

/// <summary>The vectors were made from the specification by another program than Culvert.</summary>
public sealed class SealedFileVectorTests
{
    public static TheoryData<string> Flaws =>
        [.. Directory.GetFiles(Folder(), "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)!).Where(name => name != "whole").Order()];

    [Fact]
    public void The_whole_vector_is_read()
    {
        (_, byte[] file, Dictionary<string, string> values) = Read("whole");
        using Secret owner = Secret.CopyOf(Convert.FromHexString(values["owner"]));
        using Secret key = Secret.CopyOf(Convert.FromHexString(values["file-key"]));
        using SealedFileReader reader = SealedFileReader.OpenWithFileKey("f", new MemoryStream(file), key).Value;
        using Secret derived = KeySchedule.FileKey(owner, reader.Index.Header.Stream);

        Assert.Equal(values["file-key"], Convert.ToHexStringLower(derived.Bytes));
        Assert.Equal(values["owner-key-id"], reader.Index.Header.OwnerKey.ToString());
        Assert.Equal(values["end-digest"], reader.Digest.ToString());
        Assert.Null(reader.Verify());
        Assert.Equal((SealedFileKind.Data, "two.csv"), (reader.Contents.Kind, reader.Contents.Description));
        Assert.Equal(["n", "place"], reader.Contents.ColumnNames);
        Assert.Equal(6, reader.RowCount);
        Assert.Equal([1, 2], reader.Ends[1]!.Coverage.ToArray());
        OpenedGroup group = reader.OpenGroup(0, 0).Value;
        byte[] numbers = new byte[group.ColumnBytes(0)];
        Assert.Null(reader.ReadColumn(group, 0, numbers));
        Assert.Equal([0, 2, 1], numbers); // 5, 7, 6 less 5
    }

    [Theory]
    [MemberData(nameof(Flaws))]
    public void A_flaw_is_refused_by_kind_and_place(string flaw)
    {
        (string expect, byte[] file, _) = Read(flaw);
        Dictionary<string, string> values = Read("whole").Values;
        using Secret owner = Secret.CopyOf(Convert.FromHexString(values["owner"]));
        using Secret key = Secret.CopyOf(Convert.FromHexString(values["file-key"]));
        Outcome<SealedFileReader> reader = expect.Contains("another key", StringComparison.Ordinal)
            ? SealedFileReader.Open("f", new MemoryStream(file), owner)
            : SealedFileReader.OpenWithFileKey("f", new MemoryStream(file), key);
        Failure? failure = reader.Succeeded ? reader.Value.Verify() : reader.Failure;

        Assert.NotNull(failure);
        Assert.StartsWith(expect, $"{failure.Kind} {failure.Message}", StringComparison.Ordinal);
    }

    private static (string Expect, byte[] File, Dictionary<string, string> Values) Read(string vector)
    {
        string[] lines = File.ReadAllLines(Path.Combine(Folder(), vector + ".txt"));
        return (
            lines[0]["expect ".Length..],
            [.. lines.Skip(1).Where(l => !l.StartsWith('#')).SelectMany(Convert.FromHexString)],
            lines.Where(l => l.StartsWith('#')).Select(l => l.Split(' ')).ToDictionary(p => p[1], p => p[2]));
    }

    /// <summary>Looks upwards from the test's program, since sources are built under mapped paths.</summary>
    private static string Folder()
    {
        DirectoryInfo? at = new(AppContext.BaseDirectory);
        while (at is not null && !Directory.Exists(Path.Combine(at.FullName, "tests", "vectors", "sealed-file")))
        {
            at = at.Parent;
        }

        return Path.Combine(at!.FullName, "tests", "vectors", "sealed-file");
    }
}
