using System.Security.Cryptography;
using System.Text;
using Culvert.Lua;
using Culvert.Streams;

namespace Culvert.Engine;

/// <summary>What a script is in a plan: its role, its text, what it may use and what it reads and delivers. Its file's name is not.</summary>
internal static class LuaCodeIdentity
{
    internal static string Of(string role, string source, LuaLimits limits, Schema input, Schema output) =>
        $"lua {role} {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(source)))} {limits} ({input}) -> ({output})";
}
