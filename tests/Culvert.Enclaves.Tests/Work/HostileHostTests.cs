using System.Buffers;
using Culvert.Sealing;
using Culvert.Streams;

namespace Culvert.Enclaves.Tests.Work;

/// <summary>A worker against hosts that say what they may not, when they may not, or nothing.</summary>
public class HostileHostTests
{
    [Fact]
    public void An_honest_host_gets_a_run_to_its_end()
    {
        using SealedWords words = new();
        using ScriptedHost host = new(words);
        host.AssignAll();
        host.Grant(100);
        host.UntilAllFinish();
        Assert.True(host.Stop());
        Assert.Null(host.Failed);
    }

    [Fact]
    public void A_message_without_a_kind_is_refused()
    {
        using SealedWords words = new();
        using ScriptedHost host = new(words);
        host.Send(_ => { });
        host.RefusesWith("without a kind");
    }

    [Theory]
    [InlineData(MessageKind.Hello)]
    [InlineData(MessageKind.Release)]
    [InlineData(MessageKind.Challenge)]
    [InlineData(MessageKind.Evidence)]
    [InlineData(MessageKind.Statement)]
    [InlineData(MessageKind.Ready)]
    [InlineData(MessageKind.Read)]
    [InlineData(MessageKind.Store)]
    [InlineData(MessageKind.Part)]
    [InlineData(MessageKind.Append)]
    [InlineData(MessageKind.Failed)]
    [InlineData((MessageKind)0)]
    [InlineData((MessageKind)255)]
    public void A_kind_that_is_not_the_hosts_to_send_is_refused(MessageKind kind)
    {
        using SealedWords words = new();
        using ScriptedHost host = new(words);
        host.Send(kind, 1, 2, 3);
        host.RefusesWith($"kind {(byte)kind}");
    }

    [Theory]
    [InlineData(MessageKind.Assign)]
    [InlineData(MessageKind.Completed)]
    [InlineData(MessageKind.Grant)]
    [InlineData(MessageKind.Barrier)]
    [InlineData(MessageKind.Stop)]
    public void A_message_of_the_wrong_length_is_refused(MessageKind kind)
    {
        using SealedWords words = new();
        using ScriptedHost host = new(words);
        host.Send(kind, 1, 2, 3);
        UnlessItIsRefused(host);
    }

    [Fact]
    public void A_frame_for_a_partition_that_was_not_assigned_is_refused()
    {
        using SealedWords words = new();
        byte[] frame = FrameOf(words);
        using ScriptedHost host = new(words);
        host.Send(MessageKind.Frame, frame);
        host.RefusesWith("does not hold");
    }

    [Fact]
    public void Partitions_that_the_plan_does_not_have_cannot_be_assigned()
    {
        using SealedWords words = new();
        foreach ((int stage, int partition) in new[] { (7, 0), (-1, 0), (0, 2), (0, -1) })
        {
            using ScriptedHost host = new(words);
            host.Assign(new StageId(stage), partition);
            host.RefusesWith("which the plan does not have");
        }
    }

    [Fact]
    public void A_partition_cannot_be_assigned_twice()
    {
        using SealedWords words = new();
        using ScriptedHost host = new(words);
        host.Assign(words.Counts.Id, 0);
        host.Assign(words.Counts.Id, 0);
        host.RefusesWith("twice");
    }

    [Fact]
    public void A_stage_without_released_keys_cannot_be_assigned()
    {
        using SealedWords words = new();
        using ScriptedHost host = new(words, words.Setup(stage => stage.Id == words.Counts.Id));
        host.Assign(words.Source.Id, 0);
        host.RefusesWith("did not release");
    }

    [Fact]
    public void An_owner_that_resumes_takes_no_partition_anew()
    {
        using SealedWords words = new();
        using ScriptedHost host = new(words, mustRestore: true);
        host.Assign(words.Counts.Id, 0);
        host.RefusesWith("goes on from a snapshot");
    }

    [Fact]
    public void Completions_of_partitions_that_the_plan_does_not_have_are_refused()
    {
        using SealedWords words = new();
        using ScriptedHost host = new(words);
        host.Send(new CompletedMessage(new Producer(new StageId(9), new PartitionId(0)), new Round(1)).Write);
        host.RefusesWith("which the plan does not have");
    }

    [Fact]
    public void What_a_host_says_of_others_progress_changes_no_result()
    {
        using SealedWords words = new();
        using ScriptedHost host = new(words);
        host.Send(new CompletedMessage(new Producer(words.Counts.Id, new PartitionId(0)), Round.End).Write);
        host.AssignAll();
        host.Send(new CompletedMessage(new Producer(words.Source.Id, new PartitionId(0)), Round.End).Write);
        host.Grant(long.MaxValue);
        host.Grant(0);
        host.UntilAllFinish();
        Assert.True(host.Stop());
    }

    [Fact]
    public void A_barrier_of_a_round_that_is_past_is_refused()
    {
        using SealedWords words = new();
        using ScriptedHost host = new(words);
        host.AssignAll();
        host.Grant(2);
        host.Until(MessageKind.Completed, 8);
        host.Barrier(0);
        host.RefusesWith("is past it");
    }

    [Fact]
    public void Two_barriers_at_once_are_refused()
    {
        using SealedWords words = new();
        using ScriptedHost host = new(words);
        host.AssignAll();
        host.Barrier(2);
        host.Barrier(3);
        host.RefusesWith("before that of");
    }

    [Fact]
    public void A_barrier_that_goes_back_is_refused()
    {
        using SealedWords words = new();
        using ScriptedHost host = new(words);
        host.AssignAll();
        host.Barrier(1);
        host.Grant(1);
        host.Until(MessageKind.Part, words.Partitions.Count());
        host.Barrier(1);
        host.RefusesWith("before that of");
    }

    [Fact]
    public void An_answer_that_was_not_asked_for_is_refused()
    {
        using SealedWords words = new();
        using ScriptedHost host = new(words);
        host.Send(writer => ReadMessage.WriteAnswer(writer, 77, found: true));
        host.RefusesWith("was not asked");
    }

    [Fact]
    public void An_answer_of_nothing_with_bytes_behind_it_is_refused()
    {
        using SealedWords words = new();
        using ScriptedHost host = new(words);
        host.Send(writer =>
        {
            ReadMessage.WriteAnswer(writer, 1, found: false);
            writer.Byte(1);
        });
        host.RefusesWith("was not asked");
    }

    [Theory]
    [InlineData(ReadSubject.Header, "the header is missing")]
    [InlineData(ReadSubject.End, "the end mark is missing")]
    [InlineData(ReadSubject.Group, "row group")]
    public void What_a_host_keeps_back_of_a_file_is_named(ReadSubject subject, string named)
    {
        using SealedWords words = new();
        using ScriptedHost host = new(words) { Answers = read => read.Subject == subject ? null : words.Answer(read) };
        host.AssignAll();
        host.Grant(100);
        host.RefusesWith(named);
    }

    [Fact]
    public void A_row_group_of_another_place_is_refused()
    {
        using SealedWords words = new();
        using ScriptedHost host = new(words)
        {
            Answers = read => words.Answer(read.Subject == ReadSubject.Group ? read with { Group = (read.Group + 1) % SealedWords.Groups } : read),
        };
        host.AssignAll();
        host.Grant(100);
        host.RefusesWith("row group");
    }

    [Fact]
    public void Another_file_in_the_place_of_the_one_released_is_refused()
    {
        using SealedWords words = new();
        using SealedWords others = new();
        foreach (ReadSubject subject in new[] { ReadSubject.Header, ReadSubject.End, ReadSubject.Group })
        {
            using ScriptedHost host = new(words) { Answers = read => (read.Subject == subject ? others : words).Answer(read) };
            host.AssignAll();
            host.Grant(100);
            UnlessItIsRefused(host);
        }
    }

    [Fact]
    public void A_block_with_one_flipped_bit_anywhere_is_refused()
    {
        using SealedWords words = new();
        int length = words.Answer(new ReadMessage(1, ReadSubject.Group, "", words.Source.Id, 0, 0, 0, [0]))!.Length;
        for (int at = 0; at < length; at += 7)
        {
            int flipped = at;
            using ScriptedHost host = new(words)
            {
                Answers = read =>
                {
                    byte[]? answer = words.Answer(read);
                    if (read.Subject == ReadSubject.Group && answer is not null && flipped < answer.Length)
                    {
                        answer[flipped] ^= (byte)(1 << (flipped % 8));
                    }

                    return answer;
                },
            };
            host.AssignAll();
            host.Grant(100);
            UnlessItIsRefused(host);
        }
    }

    [Fact]
    public void Answers_that_say_less_or_more_than_was_asked_for_are_refused()
    {
        using SealedWords words = new();
        foreach (ReadSubject subject in new[] { ReadSubject.Header, ReadSubject.End, ReadSubject.Group })
        {
            foreach (Func<byte[], byte[]> change in new Func<byte[], byte[]>[] { a => a[..^1], a => [], a => [.. a, 0], a => new byte[a.Length] })
            {
                using ScriptedHost host = new(words) { Answers = read => read.Subject == subject ? change(words.Answer(read)!) : words.Answer(read) };
                host.AssignAll();
                host.Grant(100);
                UnlessItIsRefused(host);
            }
        }
    }

    [Fact]
    public void A_host_that_never_answers_is_given_up()
    {
        using SealedWords words = new();
        using ScriptedHost host = new(words, answerMax: TimeSpan.FromMilliseconds(200));
        using ManualResetEventSlim never = new();
        host.Answers = _ => throw new OperationCanceledException();
        host.Assign(words.Source.Id, 0);
        Assert.Throws<OperationCanceledException>(() => host.Until(MessageKind.Completed));
        ChannelEndedException failure = Assert.IsType<ChannelEndedException>(host.UntilItFails());
        Assert.Contains("none came", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_host_that_sends_everything_but_the_answer_is_given_up()
    {
        using SealedWords words = new();
        using ScriptedHost host = new(words, answerMax: TimeSpan.FromMilliseconds(500));
        host.Answers = _ => throw new OperationCanceledException();
        host.Assign(words.Source.Id, 0);
        Assert.Throws<OperationCanceledException>(() => host.Until(MessageKind.Completed));
        for (int i = 0; i < 1000; i++)
        {
            host.Grant(1);
        }

        Assert.IsType<ChannelEndedException>(host.UntilItFails());
    }

    [Fact]
    public void A_report_brought_to_a_worker_is_refused()
    {
        using SealedWords words = new();
        using ScriptedHost host = new(words);
        host.AssignAll();
        host.Grant(100);
        host.UntilAllFinish();
        byte[] report = host.Frames.First(f => WorkerSetup.IsReportEdge(words.Plan, FrameHeader.Read(f).Value.Edge));
        host.Send(MessageKind.Frame, report);
        host.RefusesWith("not the owner's");
    }

    [Fact]
    public void Frames_of_another_run_are_refused()
    {
        using SealedWords words = new();
        byte[] frame;
        using (ScriptedHost earlier = new(words, words.Setup(run: new RunId(8))))
        {
            frame = FirstFrame(words, earlier);
        }

        using ScriptedHost host = new(words);
        host.AssignAll();
        host.Send(MessageKind.Frame, frame);
        host.RefusesWith("is of the run");
    }

    [Fact]
    public void A_frame_with_one_flipped_bit_anywhere_is_refused()
    {
        using SealedWords words = new();
        byte[] frame = FrameOf(words);
        for (int at = 0; at < frame.Length; at++)
        {
            using ScriptedHost host = new(words);
            host.Assign(words.Counts.Id, 0);
            host.Assign(words.Counts.Id, 1);
            byte[] flipped = [.. frame];
            flipped[at] ^= (byte)(1 << (at % 8));
            host.Send(MessageKind.Frame, flipped);
            UnlessItIsRefused(host);
        }
    }

    [Fact]
    public void A_frame_too_short_or_too_long_is_refused()
    {
        using SealedWords words = new();
        byte[] frame = FrameOf(words);
        foreach (byte[] wrong in new[] { [], frame[..87], frame[..^1], [.. frame, 0] })
        {
            using ScriptedHost host = new(words);
            host.Assign(words.Counts.Id, 0);
            host.Assign(words.Counts.Id, 1);
            host.Send(MessageKind.Frame, wrong);
            UnlessItIsRefused(host);
        }
    }

    [Fact]
    public void A_host_learns_neither_counts_nor_words_of_the_data()
    {
        using SealedWords words = new();
        using ScriptedHost host = new(words);
        host.AssignAll();
        host.Grant(100);
        host.UntilAllFinish();
        Assert.True(host.Stop());
        Assert.NotEmpty(host.Frames);
        Assert.All(host.Frames, frame => Assert.Equal(-1, frame.AsSpan().IndexOf("word1"u8)));
    }

    private static void UnlessItIsRefused(ScriptedHost host)
    {
        Assert.IsType<IntegrityException>(host.UntilItFails());
        Assert.Equal(FailureKind.Integrity, host.Failed?.Kind);
    }

    /// <summary>A frame of the first source's partition, as it left a worker.</summary>
    private static byte[] FrameOf(SealedWords words)
    {
        using ScriptedHost host = new(words);
        return FirstFrame(words, host);
    }

    private static byte[] FirstFrame(SealedWords words, ScriptedHost host)
    {
        host.Carries = false;
        host.Assign(words.Source.Id, 0);
        host.Grant(1);
        return host.Until(MessageKind.Frame);
    }
}
