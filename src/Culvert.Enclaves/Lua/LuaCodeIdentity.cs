using System.Security.Cryptography;
using System.Text;
using Culvert.Lua;
using Culvert.Streams;

namespace Culvert.Enclaves;

/// <summary>What a script is in a plan: its role, its text, what it may use and what it reads and delivers. Its file's name is not.</summary>
internal static class LuaCodeIdentity
{
    internal static string Of(LuaRole role, string sourceDigest, LuaLimits limits, Schema input, Schema output) =>
        $"lua {Word(role)} {sourceDigest} {limits} ({input}) -> ({output})";

    internal static string DigestOf(string source) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(source)));

    private static string Word(LuaRole role) => role switch
    {
        LuaRole.Map => "map",
        LuaRole.Filter => "filter",
        LuaRole.Reduce => "reduce",
        _ => throw new ArgumentOutOfRangeException(nameof(role), role, "no such role"),
    };
}
