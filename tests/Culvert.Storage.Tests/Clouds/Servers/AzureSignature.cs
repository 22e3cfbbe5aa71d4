using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Culvert.Storage.Tests;

/// <summary>
/// Makes an account's shared access signature as Azure documents it ("Create an account SAS", string to sign of version 2020-12-06
/// and later).
/// </summary>
internal static class AzureSignature
{
    private const string Version = "2021-08-06";

    internal static string New(string account, byte[] key, string permissions = "rwdlac", TimeSpan? validFor = null)
    {
        string expiry = (DateTime.UtcNow + (validFor ?? TimeSpan.FromHours(2))).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        string toSign = $"{account}\n{permissions}\nb\nco\n\n{expiry}\n\nhttps,http\n{Version}\n\n";
        string signature = Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign)));
        return $"sv={Version}&ss=b&srt=co&sp={permissions}&se={Uri.EscapeDataString(expiry)}&spr=https,http&sig={Uri.EscapeDataString(signature)}";
    }
}
