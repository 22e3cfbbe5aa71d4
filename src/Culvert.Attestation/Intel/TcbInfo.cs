using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Culvert.Attestation;

/// <summary>A TDX module that Intel vouches for.</summary>
internal sealed record TdxModuleIdentity(string Id, byte[] MrSigner, byte[] Attributes, byte[] AttributesMask, ImmutableArray<IsvLevel> Levels);

/// <summary>TCB info of a platform family (PCS API version 3: format 2, SGX only; version 4: format 3).</summary>
internal sealed record TcbInfo
{
    private const int LevelsMax = 256;
    private const int ModulesMax = 64;
    private const int AdvisoriesMax = 256;
    private const int Components = 16;

    /// <summary>SGX or TDX.</summary>
    internal required string Id { get; init; }

    internal required DateTimeOffset IssueDate { get; init; }

    internal required DateTimeOffset NextUpdate { get; init; }

    internal required string Fmspc { get; init; }

    internal required string PceId { get; init; }

    internal required int EvaluationDataNumber { get; init; }

    /// <summary>The module of trust domains whose TCB has 0 as its module's version; null for SGX. It has no levels of its own.</summary>
    internal required TdxModuleIdentity? Module { get; init; }

    internal required ImmutableArray<TdxModuleIdentity> Modules { get; init; }

    /// <summary>From the newest to the oldest.</summary>
    internal required ImmutableArray<TcbLevel> Levels { get; init; }

    internal static Outcome<TcbInfo> Parse(ReadOnlyMemory<byte> text) => JsonFields.Read(text, "TCB info", Read);

    internal static ImmutableArray<IsvLevel> ReadIsvLevels(JsonElement from) =>
        from.Each("tcbLevels", LevelsMax, level => new IsvLevel(
            level.Need("tcb", JsonValueKind.Object).Number("isvsvn", ushort.MaxValue),
            ReadStatus(level),
            level.Time("tcbDate"),
            level.Texts("advisoryIDs", AdvisoriesMax)));

    private static TcbInfo Read(JsonElement root)
    {
        int version = root.Number("version", 3);
        string id = version == 2 ? "SGX" : root.Text("id");
        bool tdx = id == "TDX";
        if (version < 2 || (id != "SGX" && !tdx) || root.Number("tcbType", 0) != 0)
        {
            throw new JsonException($"version {version}, id {id} or its tcbType is not known");
        }

        return new TcbInfo
        {
            Id = id,
            IssueDate = root.Time("issueDate"),
            NextUpdate = root.Time("nextUpdate"),
            Fmspc = Convert.ToHexStringLower(root.Hex("fmspc", 6)),
            PceId = Convert.ToHexStringLower(root.Hex("pceId", 2)),
            EvaluationDataNumber = root.Number("tcbEvaluationDataNumber", int.MaxValue),
            Module = tdx ? ReadModule(root.Need("tdxModule", JsonValueKind.Object), "", []) : null,
            Modules = tdx && root.Find("tdxModuleIdentities", JsonValueKind.Array) is not null
                ? root.Each("tdxModuleIdentities", ModulesMax, module => ReadModule(module, module.Text("id"), ReadIsvLevels(module)))
                : [],
            Levels = root.Each("tcbLevels", LevelsMax, level => ReadLevel(level, version, tdx)),
        };
    }

    private static TdxModuleIdentity ReadModule(JsonElement from, string id, ImmutableArray<IsvLevel> levels) =>
        new(id, from.Hex("mrsigner", 48), from.Hex("attributes", 8), from.Hex("attributesMask", 8), levels);

    private static TcbLevel ReadLevel(JsonElement level, int version, bool tdx)
    {
        JsonElement tcb = level.Need("tcb", JsonValueKind.Object);
        return new TcbLevel(
            version == 2 ? ReadNumbered(tcb) : ReadComponents(tcb, "sgxtcbcomponents"),
            tcb.Number("pcesvn", ushort.MaxValue),
            tdx ? ReadComponents(tcb, "tdxtcbcomponents") : [],
            ReadStatus(level),
            level.Time("tcbDate"),
            level.Texts("advisoryIDs", AdvisoriesMax));
    }

    private static ImmutableArray<byte> ReadComponents(JsonElement tcb, string name)
    {
        ImmutableArray<byte> components = tcb.Each(name, Components, component => (byte)component.Number("svn", byte.MaxValue));
        return components.Length == Components ? components : throw new JsonException($"{name} has not {Components} entries");
    }

    private static ImmutableArray<byte> ReadNumbered(JsonElement tcb) =>
        [.. Enumerable.Range(1, Components).Select(i => (byte)tcb.Number(string.Create(CultureInfo.InvariantCulture, $"sgxtcbcomp{i:00}svn"), byte.MaxValue))];

    private static TcbStatus ReadStatus(JsonElement level) => level.Text("tcbStatus") switch
    {
        "UpToDate" => TcbStatus.UpToDate,
        "SWHardeningNeeded" => TcbStatus.SWHardeningNeeded,
        "ConfigurationNeeded" => TcbStatus.ConfigurationNeeded,
        "ConfigurationAndSWHardeningNeeded" => TcbStatus.ConfigurationAndSWHardeningNeeded,
        "OutOfDate" => TcbStatus.OutOfDate,
        "OutOfDateConfigurationNeeded" => TcbStatus.OutOfDateConfigurationNeeded,
        "Revoked" => TcbStatus.Revoked,
        string other => throw new JsonException($"tcbStatus {other} is not known"),
    };
}
