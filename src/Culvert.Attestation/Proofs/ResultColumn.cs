using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Culvert.Attestation;

/// <summary>A column of a result.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">The name of its type, such as <c>int32?</c>.</param>
public sealed record ResultColumn(string Name, string Type)
{
    /// <summary>What a statement names a result's columns by: SHA-256.</summary>
    public static byte[] DigestOf(ImmutableArray<ResultColumn> columns)
    {
        ArrayBufferWriter<byte> writer = new();
        writer.Write("culvert v1 result columns\0"u8);
        writer.Int32(columns.Length);
        foreach (ResultColumn column in columns)
        {
            writer.Text(column.Name);
            writer.Text(column.Type);
        }

        return SHA256.HashData(writer.WrittenSpan);
    }
}
