using System.Text;

namespace Culvert.Attestation;

/// <summary>
/// Collateral that lies in a folder part by part, under any names: Intel's answers for TCB info and QE identity, both
/// revocation lists, the TCB signing chain. Or whole, under another name than <c>collateral.json</c>.
/// </summary>
internal sealed class IntelCollateralFiles
{
    private const string SignerSubject = "Intel SGX TCB Signing";
    private const string RootSubject = "Intel SGX Root CA";
    private const string PckSubjects = "Intel SGX PCK ";

    private readonly List<IntelCollateral> _whole = [];
    private readonly List<IntelSignedText> _infos = [];
    private readonly List<IntelSignedText> _identities = [];
    private readonly List<IReadOnlyList<Certificate>> _signers = [];
    private readonly List<RevocationList> _rootLists = [];
    private readonly List<RevocationList> _pckLists = [];

    /// <summary>
    /// Collateral put together from the files that the caller gave apart, or from those beside the evidence, or from both; refused
    /// when a part is missing, or there are two of one.
    /// </summary>
    internal static Outcome<IntelCollateral> Find(EvidenceParts parts)
    {
        Outcome<IntelCollateral> found = Find(parts.Collateral.Contents);
        found = found.Succeeded ? found : Find(parts.Evidence.Contents);
        return found.Succeeded ? found : Find(parts.Collateral.Contents.Concat(parts.Evidence.Contents));
    }

    private static Outcome<IntelCollateral> Find(IEnumerable<ReadOnlyMemory<byte>> files)
    {
        IntelCollateralFiles found = new();
        foreach (ReadOnlyMemory<byte> file in files)
        {
            found.Look(file);
        }

        return found.Compose();
    }

    private Outcome<IntelCollateral> Compose()
    {
        if (_whole.Count == 1)
        {
            return _whole[0];
        }

        string[] missing =
        [
            .. Unless(_infos, "TCB info"), .. Unless(_identities, "QE identity"), .. Unless(_signers, "TCB signing chain"),
            .. Unless(_rootLists, "root CRL"), .. Unless(_pckLists, "PCK CRL"),
        ];
        return missing.Length == 0
            ? IntelCollateral.Of(null, Signers, Signers, _rootLists[0], _pckLists[0], _infos[0], _identities[0])
            : new Failure(FailureKind.Missing, $"{EvidenceFile.IntelCollateral} is missing; give it beside the evidence or as collateral (nor are its parts there, once each: {string.Join(", ", missing)})");
    }

    private Outcome<IReadOnlyList<Certificate>> Signers => _signers[0].ToList();

    private static string[] Unless<T>(List<T> found, string what) => found.Count == 1 ? [] : [what];

    private void Look(ReadOnlyMemory<byte> file)
    {
        ReadOnlySpan<byte> content = file.Span;
        if (content.StartsWith("{"u8))
        {
            LookAtText(file);
        }
        else if (content.StartsWith("-----BEGIN X509 CRL-----"u8))
        {
            Outcome<byte[]> list = Pem.ParseRevocations(content, "CRL");
            LookAtList(list.Succeeded ? list.Value : default);
        }
        else if (content.StartsWith("-----BEGIN"u8))
        {
            Outcome<IReadOnlyList<Certificate>> chain = Pem.ParseChain(Encoding.UTF8.GetBytes(HeaderText.Decode(Encoding.UTF8.GetString(content))), "chain");
            if (chain.Succeeded && chain.Value[0].SubjectName == SignerSubject && !_signers.Any(known => known[0].Raw.Span.SequenceEqual(chain.Value[0].Raw.Span)))
            {
                _signers.Add(chain.Value);
            }
        }
        else if (content.StartsWith("\x30"u8))
        {
            LookAtList(file);
        }
    }

    private void LookAtText(ReadOnlyMemory<byte> text)
    {
        Outcome<IntelCollateral> whole = IntelCollateral.Parse(text);
        if (whole.Succeeded)
        {
            _whole.Add(whole.Value);
            return;
        }

        Add(_infos, text, "tcbInfo");
        Add(_identities, text, "enclaveIdentity");
    }

    private static void Add(List<IntelSignedText> to, ReadOnlyMemory<byte> text, string member)
    {
        Outcome<IntelSignedText> answer = JsonFields.Read(text, member, root => IntelSignedText.OfAnswer(root, member));
        if (answer.Succeeded)
        {
            to.Add(answer.Value);
        }
    }

    private void LookAtList(ReadOnlyMemory<byte> encoded)
    {
        Outcome<RevocationList> list = RevocationList.Parse(encoded, "CRL");
        if (!list.Succeeded)
        {
            return;
        }

        string issuer = DistinguishedName.CommonName(list.Value.Issuer);
        if (issuer == RootSubject)
        {
            _rootLists.Add(list.Value);
        }
        else if (issuer.StartsWith(PckSubjects, StringComparison.Ordinal))
        {
            _pckLists.Add(list.Value);
        }
    }
}
