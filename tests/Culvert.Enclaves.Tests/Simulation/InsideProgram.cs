using System.Text;

namespace Culvert.Enclaves.Tests.Simulation;

/// <summary>What the enclaves of these tests do: each message names an attempt, and the answer tells what came of it.</summary>
internal static class InsideProgram
{
    internal static int Run(EnclaveContext context)
    {
        while (true)
        {
            ReceiveStatus status = context.Channel.Receive(Timeout.InfiniteTimeSpan, out Message? message);
            if (status != ReceiveStatus.Received)
            {
                context.Channel.EndSending();
                return status == ReceiveStatus.Ended ? 0 : 1;
            }

            string[] words;
            using (message)
            {
                words = Encoding.UTF8.GetString(message!.Bytes).Split(' ', 2);
            }

            string answer;
            try
            {
                answer = InsideAttempts.Try(context, words[0], words.Length > 1 ? words[1] : "");
            }
            catch (Exception failure) when (failure is not NotSupportedException)
            {
                answer = $"refused: {failure.GetType().Name}: {failure.Message}";
            }

            if (context.Channel.Send(TimeSpan.FromSeconds(30), Encoding.UTF8.GetBytes(answer)) != SendStatus.Sent)
            {
                return 1;
            }
        }
    }
}
