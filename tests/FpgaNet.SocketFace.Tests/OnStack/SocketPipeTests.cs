using System.Buffers;
using System.IO.Pipelines;
using FpgaNet.Sockets;
using FpgaNet.Testing;

namespace FpgaNet.SocketFace.Tests.OnStack;

/// <summary>A socket as two pipes.</summary>
[TestClass]
public sealed class SocketPipeTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [TestMethod]
    public async Task Bytes_cross_and_completing_the_output_ends_our_direction()
    {
        using Rig rig = new();
        using Connection connection = new(rig);
        await using SocketPipe near = new(connection.Client);
        await using SocketPipe far = new(connection.Server);
        byte[] sent = new byte[400_000];
        TestSeed.Random().NextBytes(sent);
        Task echoing = far.Input.CopyToAsync(far.Output);
        Task<byte[]> reading = ReadAllAsync(near.Input, sent.Length);
        await near.Output.WriteAsync(sent).AsTask().WaitAsync(s_patience);
        CollectionAssert.AreEqual(sent, await reading.WaitAsync(s_patience));
        await near.Output.CompleteAsync();
        await echoing.WaitAsync(s_patience);
        await far.Output.CompleteAsync();
        ReadResult end = await near.Input.ReadAsync().AsTask().WaitAsync(s_patience);
        Assert.IsTrue(end.IsCompleted && end.Buffer.IsEmpty);
    }

    [TestMethod]
    public async Task A_reset_is_the_readers_exception()
    {
        using Rig rig = new();
        using Connection connection = new(rig);
        await using SocketPipe near = new(connection.Client);
        connection.Server.LingerState = new LingerOption(enable: true, seconds: 0);
        connection.Server.Close();
        await Expect.ErrorAsync(SocketError.ConnectionReset, () => near.Input.ReadAsync().AsTask().WaitAsync(s_patience));
    }

    [TestMethod]
    public async Task Disposing_sends_what_was_written_and_ends_what_waits()
    {
        using Rig rig = new();
        using Connection connection = new(rig);
        SocketPipe near = new(connection.Client);
        near.Output.Write(new byte[100_000]);
        Task<int> draining = Task.Run(() =>
        {
            byte[] buffer = new byte[10_000];
            int total = 0;
            int count;
            while ((count = connection.Server.Receive(buffer)) > 0)
            {
                total += count;
            }

            return total;
        });
        await near.DisposeAsync().AsTask().WaitAsync(s_patience);
        Assert.AreEqual(100_000, await draining.WaitAsync(s_patience));
    }

    private static async Task<byte[]> ReadAllAsync(PipeReader reader, int length)
    {
        ReadResult read = await reader.ReadAtLeastAsync(length);
        byte[] bytes = read.Buffer.ToArray();
        reader.AdvanceTo(read.Buffer.End);
        return bytes;
    }
}
