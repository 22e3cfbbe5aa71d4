using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>What a Lua operator is to a plan: its role, its text and its schemas.</summary>
internal static class LuaIdentity
{
    internal static string Of(string role, string source, Schema input, Schema output)
    {
        string digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(source)));
        return string.Create(CultureInfo.InvariantCulture, $"lua {role} sha256={digest} ({input}) -> ({output})");
    }
}
