using System.Globalization;
using System.Linq.Expressions;
using System.Numerics;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Culvert.Lua;

namespace Culvert.Enclaves.Tests.Simulation;

/// <summary>What an engine does all day, to see that a locked-down process still can.</summary>
internal static class InsideWork
{
    internal static string Run()
    {
        (string Name, Func<bool> Works)[] all =
        [
            ("memory of 500 MB", AllocateMuch),
            ("threads", RunThreads),
            ("thread pool and timers", RunTasks),
            ("exceptions with their places", ThrowAndCatch),
            ("a deep stack's end", ReachStackEnd),
            ("regular expressions", () => Regex.Match("a1b22", "[0-9]{2}").Value == "22" && new Regex("(x+)y", RegexOptions.Compiled).IsMatch("axxy")),
            ("numbers", () => BigInteger.Pow(3, 200) % 1_000_007 == BigInteger.ModPow(3, 200, 1_000_007) && decimal.Parse("1.10", CultureInfo.InvariantCulture) * 3 == 3.30m),
            ("dates", () => TimeZoneInfo.Local.BaseUtcOffset == TimeSpan.Zero && new DateTime(2008, 2, 29).AddYears(1).Day == 28),
            ("code compiled at run time", CompileExpression),
            ("code compiled anew as it gets hot", HeatUp),
            ("AES-GCM, HKDF, ECDH, SHA-256", Cryptography),
            ("Lua", () => new LuaScript("s", "function f(x) return string.rep('a', 3) end").Check().Succeeded && !new LuaScript("s", "function").Check().Succeeded),
            ("garbage collection", () => { GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: true); return GC.CollectionCount(2) > 0; }),
        ];
        foreach ((string name, Func<bool> works) in all)
        {
            try
            {
                if (!works())
                {
                    return $"wrong: {name}";
                }
            }
            catch (Exception failure)
            {
                return $"failed: {name}: {failure}";
            }
        }

        return "done: " + all.Length;
    }

    private static bool AllocateMuch()
    {
        List<byte[]> held = [];
        for (int i = 0; i < 500; i++)
        {
            byte[] block = new byte[1 << 20];
            block.AsSpan().Fill((byte)i);
            held.Add(block);
        }

        return held.Select((block, i) => block[^1] == (byte)i).All(right => right);
    }

    private static bool RunThreads()
    {
        int sum = 0;
        Thread[] threads = [.. Enumerable.Range(1, 8).Select(i => new Thread(() => Interlocked.Add(ref sum, i), 1 << 20) { Name = "worker " + i })];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return sum == 36;
    }

    private static bool RunTasks()
    {
        Task<int>[] tasks = [.. Enumerable.Range(0, 50).Select(async i =>
        {
            await Task.Delay(1);
            return i;
        })];
        return Task.WhenAll(tasks).GetAwaiter().GetResult().Sum() == 1225 && ParallelEnumerable.Range(0, 1000).Sum() == 499_500;
    }

    private static bool ThrowAndCatch()
    {
        try
        {
            _ = int.Parse("no number", CultureInfo.InvariantCulture);
            return false;
        }
        catch (FormatException failure)
        {
            return failure.ToString().Contains(nameof(ThrowAndCatch), StringComparison.Ordinal);
        }
    }

    private static bool ReachStackEnd()
    {
        try
        {
            return Deeper(0) < 0;
        }
        catch (InsufficientExecutionStackException)
        {
            return true;
        }
    }

    private static int Deeper(int depth)
    {
        System.Runtime.CompilerServices.RuntimeHelpers.EnsureSufficientExecutionStack();
        return Deeper(depth + 1) + 1;
    }

    private static bool CompileExpression()
    {
        ParameterExpression x = Expression.Parameter(typeof(int));
        return Expression.Lambda<Func<int, int>>(Expression.Add(Expression.Multiply(x, x), Expression.Constant(1)), x).Compile()(7) == 50;
    }

    private static bool HeatUp()
    {
        long sum = 0;
        for (int turn = 0; turn < 200; turn++)
        {
            for (int i = 0; i < 2000; i++)
            {
                sum += Hot(i);
            }

            Thread.Sleep(1);
        }

        return sum == 200L * Enumerable.Range(0, 2000).Sum(i => (long)Hot(i));
    }

    private static int Hot(int value) => (value * 31) ^ (value >> 3);

    private static bool Cryptography()
    {
        byte[] key = RandomNumberGenerator.GetBytes(32);
        byte[] text = new byte[100_000];
        byte[] closed = new byte[text.Length];
        byte[] opened = new byte[text.Length];
        byte[] tag = new byte[16];
        text[5] = 5;
        using AesGcm aes = new(key, 16);
        aes.Encrypt(new byte[12], text, closed, tag);
        aes.Decrypt(new byte[12], closed, tag, opened);
        using ECDiffieHellman one = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        using ECDiffieHellman two = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        return opened.AsSpan().SequenceEqual(text) && !closed.AsSpan().SequenceEqual(text)
            && one.DeriveRawSecretAgreement(two.PublicKey).AsSpan().SequenceEqual(two.DeriveRawSecretAgreement(one.PublicKey))
            && HKDF.DeriveKey(HashAlgorithmName.SHA256, key, 42).Length == 42
            && Convert.ToHexString(SHA256.HashData("abc"u8)).StartsWith("BA7816BF", StringComparison.Ordinal);
    }
}
