using System.Text.RegularExpressions;

namespace Culvert.Streams.Tests.Api;

public class CodeIdentityTests
{
    private static readonly Flight[] None = [];

    private int _mutable = 1;

    private static string IdentityOf<T>(Stream<T> stream) => Assert.IsType<CodeNode>(stream.Node).Code.Identity;

    private static string Over(Func<Flight, bool> code) => IdentityOf(Source.From(None).Where(code));

    private static Func<Flight, bool> FartherThan(int distance) => f => f.Distance > distance;

    private static bool IsFar(Flight f) => f.Distance > 100;

    [Fact]
    public void TheSameCodeHasOneIdentityAndNamesItsAssemblyAndMethod()
    {
        Assert.Equal(Over(IsFar), Over(IsFar));
        Assert.Matches("sha256:[0-9a-f]{64}", Over(IsFar));
        Assert.Contains("IsFar(", Over(IsFar), StringComparison.Ordinal);
    }

    [Fact]
    public void ACapturedConstantIsPartOfTheIdentity()
    {
        Assert.Equal(Over(FartherThan(5)), Over(FartherThan(5)));
        Assert.NotEqual(Over(FartherThan(5)), Over(FartherThan(6)));
    }

    [Fact]
    public void CapturedTextsListsDictionariesRecordsRegexesAndFunctionsAreConstants()
    {
        string a = "x";
        int[] b = [1, 2];
        List<string?> c = ["p", null];
        Dictionary<string, int> d = new() { ["one"] = 1, ["two"] = 2 };
        Point e = new(1, 2);
        Regex g = new("^a+$");
        Func<Flight, bool> inner = FartherThan(3);
        (int, string) h = (1, "t");
        Func<Flight, bool> code = f => f.Carrier == a && b.Length == c.Count && d.Count > e.Key && g.IsMatch(f.Carrier) && inner(f) && h.Item1 == 1;
        string before = Over(code);
        Assert.Equal(before, Over(code));
        d["two"] = 3;
        Assert.NotEqual(before, Over(code));
    }

    [Fact]
    public void DictionariesOfEqualContentHaveOneIdentityWhateverTheirOrder()
    {
        static Func<Flight, bool> In(Dictionary<string, int> table) => f => table.ContainsKey(f.Carrier);
        Assert.Equal(Over(In(new() { ["a"] = 1, ["b"] = 2 })), Over(In(new() { ["b"] = 2, ["a"] = 1 })));
        Assert.NotEqual(Over(In(new() { ["a"] = 1 })), Over(In(new(StringComparer.OrdinalIgnoreCase) { ["a"] = 1 })));
    }

    [Fact]
    public void WhatCannotBeAConstantIsRefusedByNameAndType()
    {
        using MemoryStream log = new();
        JobDefinitionException refused = Assert.Throws<JobDefinitionException>(() => Over(f => log.Length == f.Distance));
        Assert.Contains("'log'", refused.Message, StringComparison.Ordinal);
        Assert.Contains("MemoryStream", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFieldThatMayChangeIsRefusedWithAdvice()
    {
        JobDefinitionException refused = Assert.Throws<JobDefinitionException>(() => Over(f => f.Distance > _mutable));
        Assert.Contains("_mutable", refused.Message, StringComparison.Ordinal);
        Assert.Contains("readonly", refused.Message, StringComparison.Ordinal);
        _mutable++;
    }

    [Fact]
    public void AVariableThatChangesAfterwardsDoesNotChangeWhatRuns()
    {
        int limit = 100;
        Func<int, bool> code = x => x < limit;
        Stream<int> small = Source.From(System.Array.Empty<int>()).Where(code);
        limit = 0;
        Assert.Equal([5], CodeRuns.Run<int, int>(small, [5, 500]));
    }

    [Fact]
    public void ALambdaThatFellBackIsKnownByItsTreeAndTheValuesItCaptured()
    {
        Stream<Flight> Make(int limit) => Source.From(None).Where(f => IsFar(f) && f.Distance < limit);
        Assert.Equal(IdentityOf(Make(3)), IdentityOf(Make(3)));
        Assert.NotEqual(IdentityOf(Make(3)), IdentityOf(Make(4)));
        Assert.Contains("sha256:", IdentityOf(Make(3)), StringComparison.Ordinal);
        using MemoryStream log = new();
        Assert.Contains(
            "'log'",
            Assert.Throws<JobDefinitionException>(() => Source.From(None).Where(f => IsFar(f) && log.Length > 0)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void SeveralFunctionsJoinedAreRefused()
    {
        Func<Flight, bool> both = IsFar;
        both += IsFar;
        Assert.Contains("joined", Assert.Throws<JobDefinitionException>(() => Over(both)).Message, StringComparison.Ordinal);
    }
}
