using System.Xml;
using System.Xml.Linq;

namespace Culvert.Storage;

/// <summary>Reads an answer in XML: no DTD, nothing fetched, and bounded.</summary>
internal static class AnswerXml
{
    /// <summary>The root element.</summary>
    internal static async ValueTask<CloudOutcome<XElement>> ReadAsync(string call, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await using (body.ConfigureAwait(false))
            {
                using XmlReader reader = XmlReader.Create(body, new XmlReaderSettings
                {
                    Async = true,
                    DtdProcessing = DtdProcessing.Prohibit,
                    XmlResolver = null,
                    MaxCharactersInDocument = AnswerLimits.BodyBytesMax,
                    IgnoreComments = true,
                    IgnoreProcessingInstructions = true,
                });
                return await XElement.LoadAsync(reader, LoadOptions.None, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is XmlException or HttpRequestException or IOException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return ServerFailures.FromException(call, e)!;
        }
    }
}
