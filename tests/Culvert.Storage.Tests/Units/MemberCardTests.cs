using System.Text;
using Culvert.Sealing;
using Culvert.Sealing.Tests;

namespace Culvert.Storage.Tests;

public class MemberCardTests
{
    private const string Format = "member-card";

    public static TheoryData<string> Flaws => [.. Vectors.Names(Format).Where(name => name != "whole")];

    [Fact]
    public void The_card_of_a_key_is_the_vectors_and_is_read_again()
    {
        TextVector vector = new(Format, "whole");
        using Secret secret = Secret.CopyOf(Vectors.Hex(vector["secret"]!));
        using StoreKeys keys = StoreKeys.OfOwner(secret);

        MemberCard card = MemberCard.Of(keys);

        Assert.Equal(Encoding.Latin1.GetString(vector.Texts[0]), card.Write());
        Assert.Equal(vector["id"], card.Id);
        Assert.Equal(card, MemberCard.TryRead(vector.Texts[0]).Value);
        Assert.True(vector.Texts[0].Length <= MemberCard.BytesMax / 2);
    }

    [Theory]
    [MemberData(nameof(Flaws))]
    public void A_card_with_a_flaw_is_refused_for_that(string name)
    {
        TextVector vector = new(Format, name);
        vector.AssertExpected(MemberCard.TryRead(vector.Texts[0]).Failure);
    }
}
