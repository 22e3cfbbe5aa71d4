using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Xml.Linq;

namespace Culvert.Storage.Tests;

/// <summary>Answers that no server of the tests gives.</summary>
public sealed class HostileAnswerTests
{
    private const int Wanted = 4;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("<!DOCTYPE a [<!ENTITY b \"bbbb\">]><a>&b;</a>")]
    [InlineData("<!DOCTYPE a SYSTEM \"file:///etc/hostname\"><a/>")]
    [InlineData("<a><b></a>")]
    [InlineData("")]
    [InlineData("{\"a\":1}")]
    public async Task A_list_with_a_dtd_or_that_is_no_xml_is_malformed(string text)
    {
        using HttpResponseMessage response = new() { Content = new StringContent(text) };
        Assert.Equal(CloudFailureKind.Malformed, (await AnswerXml.ReadAsync("call", response, Cancel)).Failure?.Kind);
    }

    [Theory]
    [InlineData("bytes 5-8/10")]
    [InlineData("bytes 3-6/10")]
    [InlineData("bytes 4-6/10")]
    [InlineData("bytes */10")]
    [InlineData("bytes 3-6/*")]
    [InlineData("bytes 5-8/*")]
    [InlineData("items 4-7/10")]
    public async Task Another_range_than_was_asked_for_is_malformed(string range)
    {
        CloudOutcome<CloudRead>? read = await ReadAsync(HttpStatusCode.PartialContent, range, "4567");
        Assert.Equal(CloudFailureKind.Malformed, read?.Failure?.Kind);
    }

    [Theory]
    [InlineData("bytes 4-7/10", "4567", 10)]
    [InlineData("bytes 4-9/10", "456789", 10)]
    [InlineData("bytes 4-6/7", "456", 7)]
    public async Task A_range_that_holds_what_was_asked_for_is_taken(string range, string body, long length)
    {
        CloudOutcome<CloudRead>? read = await ReadAsync(HttpStatusCode.PartialContent, range, body);
        Assert.Equal(new CloudRead((int)Math.Min(Wanted, length - 4), length), read?.Value);
    }

    [Theory]
    [InlineData("bytes 4-7/*", "4567", 10, 4)]
    [InlineData("bytes 4-5/*", "45", 6, 2)]
    public async Task A_range_that_does_not_tell_the_length_is_taken_with_the_length_that_was_asked_for(string range, string body, long length, int bytes)
    {
        CloudOutcome<CloudRead> read = (await ReadAsync(HttpStatusCode.PartialContent, range, body))!.Value;
        Assert.Equal(new CloudRead(bytes, length), ObjectBody.Complete("call", read.Value, 4, Wanted, new CloudRead(0, length)).Value);
        Assert.Equal(CloudFailureKind.Malformed, ObjectBody.Complete("call", read.Value, 4, Wanted, new CloudRead(0, 5)).Failure?.Kind);
        Assert.Equal(CloudFailureKind.Malformed, ObjectBody.Known("call", read).Failure?.Kind);
    }

    [Fact]
    public async Task A_part_that_is_too_short_for_its_object_is_a_connection_that_broke_off()
    {
        CloudOutcome<CloudRead> read = (await ReadAsync(HttpStatusCode.PartialContent, "bytes 4-5/*", "45"))!.Value;
        Assert.Equal(CloudFailureKind.Unavailable, ObjectBody.Complete("call", read.Value, 4, Wanted, new CloudRead(0, 10)).Failure?.Kind);
    }

    [Fact]
    public async Task The_last_byte_in_the_place_of_what_is_behind_the_end_leaves_the_length_to_be_asked_for() =>
        Assert.Null(await ReadAsync(HttpStatusCode.PartialContent, "bytes 3-3/*", "3"));

    [Theory]
    [InlineData("0123456789", 4)]
    [InlineData("012345", 2)]
    [InlineData("01", 0)]
    public async Task An_object_whose_length_nobody_tells_is_read_up_to_its_end(string body, int bytes)
    {
        using UnknownLengthContent content = new(body);
        using HttpResponseMessage response = new(HttpStatusCode.OK) { Content = content };
        byte[] destination = new byte[Wanted];
        CloudOutcome<CloudRead> read = (await ObjectBody.ReadAsync("call", response, 4, destination, Cancel))!.Value;
        Assert.Equal(new CloudRead(bytes, ObjectBody.UnknownLength), read.Value);
        Assert.Equal("4567"[..bytes], Encoding.ASCII.GetString(destination, 0, bytes));
        Assert.Equal(new CloudRead(bytes, body.Length), ObjectBody.Complete("call", read.Value, 4, Wanted, new CloudRead(0, body.Length)).Value);
    }

    [Fact]
    public void A_multi_status_that_lists_another_folder_is_malformed_and_not_empty()
    {
        XElement answer = XElement.Parse("""
            <multistatus xmlns="DAV:">
              <response><href>/inside/</href><propstat><prop><resourcetype><collection/></resourcetype></prop><status>HTTP/1.1 200 OK</status></propstat></response>
              <response><href>/inside/object</href><propstat><prop><getcontentlength>3</getcontentlength></prop><status>HTTP/1.1 200 OK</status></propstat></response>
            </multistatus>
            """);
        CloudOutcome<List<WebDavEntry>> children = WebDavListing.Children("call", new Uri("http://a.example/outside/"), answer, null);
        Assert.Equal(CloudFailureKind.Malformed, children.Failure?.Kind);
        Assert.Equal(["object"], WebDavListing.Children("call", new Uri("http://a.example/inside/"), answer, null).Value.Select(entry => entry.Name));
    }

    [Fact]
    public void An_age_is_told_by_the_servers_clock_alone()
    {
        XElement answer = XElement.Parse("""
            <d:multistatus xmlns:d="DAV:" xmlns:oc="http://a.example/ns">
              <d:response><d:href>/dav/object</d:href><d:propstat><d:prop>
                <d:getlastmodified>Sat, 03 Jan 2026 10:00:00 GMT</d:getlastmodified><d:getcontentlength>3</d:getcontentlength><oc:size>9</oc:size>
              </d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>
            </d:multistatus>
            """);
        DateTimeOffset now = new(2026, 1, 5, 10, 0, 0, TimeSpan.Zero);
        Uri folder = new("http://a.example/dav/");
        Assert.Equal([new WebDavEntry("object", false, 3, TimeSpan.FromDays(2))], WebDavListing.Children("call", folder, answer, now).Value);
        Assert.Equal([new WebDavEntry("object", false, 3, null)], WebDavListing.Children("call", folder, answer, null).Value);
    }

    [Fact]
    public async Task A_server_without_ranges_is_read_from_the_start()
    {
        CloudOutcome<CloudRead>? read = await ReadAsync(HttpStatusCode.OK, null, "0123456789");
        Assert.Equal(new CloudRead(Wanted, 10), read?.Value);
        Assert.Equal(new CloudRead(0, 3), (await ReadAsync(HttpStatusCode.OK, null, "012"))?.Value);
    }

    [Theory]
    [InlineData("bytes */4", true)]
    [InlineData("bytes */5", false)]
    public async Task A_range_behind_the_end_has_to_be_behind_it(string range, bool isSound)
    {
        CloudOutcome<CloudRead>? read = await ReadAsync(HttpStatusCode.RequestedRangeNotSatisfiable, range, "");
        Assert.Equal(isSound, read?.Succeeded);
    }

    [Fact]
    public void A_multi_status_with_names_from_elsewhere_lists_what_is_here()
    {
        XElement answer = XElement.Parse("""
            <D:multistatus xmlns:D="DAV:">
              <D:response><D:href>/dav/</D:href><D:propstat><D:prop><D:resourcetype><D:collection/></D:resourcetype></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>
              <D:response><D:href>/dav/good</D:href><D:propstat><D:prop><D:resourcetype/><D:getcontentlength>3</D:getcontentlength></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>
              <D:response><D:href>http://a.example/dav/whole</D:href><D:propstat><D:prop><D:getcontentlength>4</D:getcontentlength></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>
              <D:response><D:href>/dav/%67ood2</D:href><D:propstat><D:prop><D:getcontentlength>5</D:getcontentlength></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>
              <D:response><D:href>/dav/../up</D:href><D:propstat><D:prop><D:getcontentlength>3</D:getcontentlength></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>
              <D:response><D:href>/dav/a/b</D:href><D:propstat><D:prop><D:getcontentlength>3</D:getcontentlength></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>
              <D:response><D:href>/dav/..%2fup</D:href><D:propstat><D:prop><D:getcontentlength>3</D:getcontentlength></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>
              <D:response><D:href>/dav/negative</D:href><D:propstat><D:prop><D:getcontentlength>-3</D:getcontentlength></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>
              <D:response><D:href>/dav/unknown</D:href><D:propstat><D:prop><D:getcontentlength>3</D:getcontentlength></D:prop><D:status>HTTP/1.1 404 Not Found</D:status></D:propstat></D:response>
              <D:response><D:href>/dav/sub/</D:href><D:propstat><D:prop><D:resourcetype><D:collection/></D:resourcetype></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat></D:response>
            </D:multistatus>
            """);
        List<WebDavEntry> children = WebDavListing.Children("call", new Uri("http://a.example/dav/"), answer, null).Value;
        Assert.Equal(
            [
                new WebDavEntry("good", false, 3, null), new WebDavEntry("whole", false, 4, null), new WebDavEntry("good2", false, 5, null),
                new WebDavEntry("negative", false, null, null), new WebDavEntry("unknown", false, null, null), new WebDavEntry("sub", true, null, null),
            ],
            children);
    }

    [Fact]
    public async Task Pages_out_of_order_are_read_to_the_end_and_sorted()
    {
        Dictionary<string, ServerPage> pages = new()
        {
            ["0"] = new([new("c", 1), new("a", 1), new("Planted", 1), new("../x", 1)], "1"),
            ["1"] = new([new("b", 1), new("a", 1), new("d", -1)], null),
        };
        PagedListing listing = new("call", "", null, (token, _) => new(pages[token ?? "0"]));
        CloudListing listed = (await listing.ListAsync(null, Cancel)).Value;
        Assert.Equal(["a", "b", "c"], listed.Entries.Select(entry => entry.Name));
        Assert.False(listed.HasMore);
    }

    [Fact]
    public async Task Pages_without_end_are_malformed()
    {
        int asked = 0;
        PagedListing listing = new("call", "a", null, (_, _) => new(new ServerPage([new("planted", 1)], $"{asked++}")));
        Assert.Equal(CloudFailureKind.Malformed, (await listing.ListAsync(null, Cancel)).Failure?.Kind);
        Assert.Equal(AnswerLimits.PagesMax, asked);
    }

    [Fact]
    public async Task A_page_with_more_entries_than_a_listing_holds_is_cut_and_says_so()
    {
        List<CloudEntry> entries = [.. Enumerable.Range(0, 1_500).Select(i => new CloudEntry($"n{i:d4}", 1))];
        PagedListing listing = new("call", "", null, (_, _) => new(new ServerPage(entries, null)));
        CloudListing listed = (await listing.ListAsync(null, Cancel)).Value;
        Assert.True(listed.HasMore);
        Assert.Equal(entries[..CloudLimits.ListEntriesMax], listed.Entries);
    }

    private static async Task<CloudOutcome<CloudRead>?> ReadAsync(HttpStatusCode status, string? range, string body)
    {
        using HttpResponseMessage response = new(status) { Content = new ByteArrayContent(Encoding.ASCII.GetBytes(body)) };
        if (range is not null)
        {
            response.Content.Headers.ContentRange = ContentRangeHeaderValue.Parse(range);
        }

        byte[] destination = new byte[Wanted];
        CloudOutcome<CloudRead>? read = await ObjectBody.ReadAsync("call", response, 4, destination, Cancel);
        if (read is { Succeeded: true, Value.Bytes: > 0 })
        {
            Assert.Equal("4567"[..read.Value.Value.Bytes], Encoding.ASCII.GetString(destination, 0, read.Value.Value.Bytes));
        }

        return read;
    }

    private sealed class UnknownLengthContent(string text) : HttpContent
    {
        protected override Task<Stream> CreateContentReadStreamAsync() => Task.FromResult<Stream>(new MemoryStream(Encoding.ASCII.GetBytes(text)));

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            await stream.WriteAsync(Encoding.ASCII.GetBytes(text));

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
