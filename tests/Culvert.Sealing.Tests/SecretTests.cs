using Culvert.Sealing;

namespace Culvert.Sealing.Tests;

public sealed class SecretTests
{
    [Fact]
    public void A_secret_shows_nothing_of_itself()
    {
        using Secret secret = Secret.CopyOf("correct horse battery staple"u8);

        Assert.Equal("redacted", secret.ToString());
        Assert.Equal("redacted", $"{secret}");
    }

    [Fact]
    public void A_disposed_secret_is_gone()
    {
        Secret secret = Secret.CopyOf([1, 2, 3]);
        secret.Dispose();

        Assert.Throws<ObjectDisposedException>(() => secret.Bytes.Length);
    }
}
