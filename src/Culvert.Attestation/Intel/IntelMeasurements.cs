using System.Globalization;

namespace Culvert.Attestation;

/// <summary>Names what a quote states, for verdicts and policies.</summary>
internal static class IntelMeasurements
{
    internal static void Record(IntelQuote quote, Assessment assessment)
    {
        if (quote.Enclave is { } enclave)
        {
            Record(enclave, assessment);
        }
        else
        {
            Record(quote.Domain!, assessment);
        }
    }

    private static void Record(EnclaveReport enclave, Assessment assessment)
    {
        assessment.Measure("mrenclave", enclave.MrEnclave);
        assessment.Measure("mrsigner", enclave.MrSigner);
        assessment.Measure("isvprodid", enclave.IsvProdId);
        assessment.Measure("isvsvn", enclave.IsvSvn);
        assessment.Measure("attributes", enclave.Attributes);
        assessment.Measure("miscselect", enclave.MiscSelect);
        assessment.Measure("configid", enclave.ConfigId);
        assessment.Measure("configsvn", enclave.ConfigSvn);
        assessment.Measure("cpusvn", enclave.CpuSvn);
        assessment.ReportData = [.. enclave.ReportData];
    }

    private static void Record(TdReport domain, Assessment assessment)
    {
        assessment.Measure("mrtd", domain.MrTd);
        for (int i = 0; i < 4; i++)
        {
            assessment.Measure(string.Create(CultureInfo.InvariantCulture, $"rtmr{i}"), domain.Rtmr(i));
        }

        assessment.Measure("xfam", domain.Xfam);
        assessment.Measure("tdattributes", domain.TdAttributes);
        assessment.Measure("mrconfigid", domain.MrConfigId);
        assessment.Measure("mrowner", domain.MrOwner);
        assessment.Measure("mrownerconfig", domain.MrOwnerConfig);
        assessment.Measure("mrseam", domain.MrSeam);
        assessment.Measure("mrsignerseam", domain.MrSignerSeam);
        assessment.Measure("teetcbsvn", domain.TeeTcbSvn);
        if (domain.Is15)
        {
            assessment.Measure("teetcbsvn2", domain.TeeTcbSvn2);
            assessment.Measure("mrservicetd", domain.MrServiceTd);
        }

        if (domain.IsExtended)
        {
            assessment.Measure("tdid", domain.TdId);
            assessment.Measure("vmid", domain.Vmid);
            assessment.Measure("deviceinformation", domain.DeviceInformation);
            assessment.Measure("initialservicetd", domain.InitialServiceTdHash);
            assessment.Measure("initialservicetdattributes", domain.InitialServiceTdAttributes);
            assessment.Measure("initialcpusvn", domain.InitialCpuSvn);
            assessment.Measure("initialteetcbsvn", domain.InitialTeeTcbSvn);
            assessment.Measure("initialfmspc", domain.InitialFmspc);
            assessment.Measure("servicetd", domain.CurrentServiceTdHash);
            assessment.Measure("servicetdattributes", domain.CurrentServiceTdAttributes);
        }

        assessment.ReportData = [.. domain.ReportData];
    }
}
