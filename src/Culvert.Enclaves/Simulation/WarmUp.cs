using System.Reflection;
using System.Reflection.Emit;
using System.Security.Cryptography;
using System.Text;
using Culvert.Lua;

namespace Culvert.Enclaves.Simulation;

/// <summary>Loads what an enclave will need and could not load later: assemblies, OpenSSL, Lua, the thread pool.</summary>
internal static class WarmUp
{
    internal static void Run(Assembly program)
    {
        AssemblyClosure.Load(typeof(WarmUp).Assembly);
        UseCryptography();
        _ = new LuaScript("warm-up", "return 1").Check();

        using ManualResetEventSlim ran = new();
        ThreadPool.UnsafeQueueUserWorkItem(static done => ((ManualResetEventSlim)done!).Set(), ran);
        ran.Wait();

        // With the first code made at run time the runtime opens its own source of random bytes, and keeps it.
        _ = AssemblyBuilder.DefineDynamicAssembly(new AssemblyName("warm-up"), AssemblyBuilderAccess.Run);

        // The runtime names places in stack traces with these.
        _ = new InvalidOperationException(program.FullName).ToString();
        _ = "ß".ToUpperInvariant();
    }

    private static void UseCryptography()
    {
        Span<byte> key = stackalloc byte[32];
        RandomNumberGenerator.Fill(key);
        Span<byte> sealedBytes = stackalloc byte[8];
        Span<byte> tag = stackalloc byte[16];
        using AesGcm aes = new(key, tag.Length);
        aes.Encrypt("nonce 1234 x"u8[..12], "warm-up!"u8, sealedBytes, tag);
        byte[] expanded = new byte[32];
        HKDF.DeriveKey(HashAlgorithmName.SHA256, key, expanded, Encoding.ASCII.GetBytes("salt"), SHA256.HashData(key));
        _ = HMACSHA256.HashData(expanded, key);
        using ECDiffieHellman one = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        using ECDiffieHellman other = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        _ = one.DeriveRawSecretAgreement(other.PublicKey);
        _ = one.ExportParameters(includePrivateParameters: false);
        CryptographicOperations.ZeroMemory(expanded);
        CryptographicOperations.ZeroMemory(key);
    }
}
