using System.Collections.Immutable;
using System.Globalization;

namespace Culvert.Attestation;

/// <summary>Collects explained fields, section by section.</summary>
internal sealed class FieldList
{
    private readonly ImmutableArray<ExplainedField>.Builder _fields = ImmutableArray.CreateBuilder<ExplainedField>();
    private string _section = "";

    internal void Section(string name) => _section = name;

    internal void Add(string name, ReadOnlySpan<byte> value, string words) => Add(name, Convert.ToHexStringLower(value), words);

    internal void Add(string name, ulong value, string words) => Add(name, value.ToString(CultureInfo.InvariantCulture), words);

    internal void Add(string name, string value, string words) => _fields.Add(new ExplainedField(_section, name, value, words));

    /// <summary>A bit, and what it means when it is set and when it is clear.</summary>
    internal void AddBit(string name, bool isSet, string set, string clear) => Add(name, isSet ? "1" : "0", isSet ? set : clear);

    internal void Add(Certificate certificate)
    {
        Add("subject", certificate.SubjectName, "whom the certificate names");
        Add("serial number", certificate.Serial.Span, "what revocation lists would name");
        Add("valid from", certificate.NotBefore.ToString("u", CultureInfo.InvariantCulture), "not before");
        Add("valid to", certificate.NotAfter.ToString("u", CultureInfo.InvariantCulture), "not after");
    }

    internal ImmutableArray<ExplainedField> ToImmutable() => _fields.ToImmutable();
}
