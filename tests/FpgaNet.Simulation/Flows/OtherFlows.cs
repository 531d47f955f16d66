using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using FpgaNet.Stack.Sockets;

namespace FpgaNet.Simulation.Flows;

/// <summary><see cref="FlowKind.Refused"/>.</summary>
public sealed class RefusedFlow(VirtualNetwork network, VirtualHost client, VirtualHost server, FlowModel model) : Flow(network, client, server, model)
{
    protected override async Task RunAsync()
    {
        await Network.Sleep(Model.StartsAt);
        try
        {
            using TcpSocket socket = await ConnectAsync();
            Check(false, "somebody answered where nobody listens");
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionRefused)
        {
            Progress();
        }
    }
}

/// <summary><see cref="FlowKind.Datagrams"/>: each names itself and its length; those that come are whole, however few they are.</summary>
public sealed class DatagramFlow(VirtualNetwork network, VirtualHost client, VirtualHost server, FlowModel model) : Flow(network, client, server, model)
{
    private const int NumberLength = 8;

    // No datagram is on its way for longer.
    private static readonly TimeSpan s_lastChance = TimeSpan.FromMinutes(2);

    protected override async Task RunAsync()
    {
        using UdpSocket receiver = Server.Stack.OpenUdp(Local);
        using UdpSocket sender = Client.Stack.OpenUdp(new IPEndPoint(Local.Address, 0));
        using CancellationTokenSource end = new();
        Task receiving = ReceiveAsync(receiver, end.Token);
        await Network.Sleep(Model.StartsAt);
        int largest = Math.Min(Client.Device.Capabilities.MaximumTransmissionUnit, Server.Device.Capabilities.MaximumTransmissionUnit) - 48; // both headers of either family
        byte[] buffer = new byte[largest];
        for (int i = 0; i < Model.Rounds; i++)
        {
            int length = Random.Next(NumberLength, largest + 1);
            BinaryPrimitives.WriteInt32BigEndian(buffer, i);
            BinaryPrimitives.WriteInt32BigEndian(buffer.AsSpan(4), length);
            Up.Fill(i * 65536L, buffer.AsSpan(NumberLength, length - NumberLength));
            try
            {
                sender.SendTo(buffer.AsSpan(0, length), Remote);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.NoBufferSpaceAvailable or SocketError.HostUnreachable or SocketError.MessageSize)
            {
                // A datagram may be lost anywhere, here too.
            }

            Progress();
            await Network.Sleep(TimeSpan.FromMicroseconds(Random.Next(20_000)));
        }

        await Network.Sleep(s_lastChance);
        end.Cancel();
        await receiving;
    }

    private async Task ReceiveAsync(UdpSocket socket, CancellationToken end)
    {
        byte[] buffer = new byte[65536];
        try
        {
            while (true)
            {
                UdpDatagram datagram = await socket.ReceiveFromAsync(buffer, end);
                int number = BinaryPrimitives.ReadInt32BigEndian(buffer);
                Check(
                    datagram.Length >= NumberLength && datagram.Length == BinaryPrimitives.ReadInt32BigEndian(buffer.AsSpan(4)) && (uint)number < (uint)Model.Rounds
                        && Up.FirstDifference(number * 65536L, buffer.AsSpan(NumberLength, datagram.Length - NumberLength)) < 0,
                    $"datagram {number} of {datagram.Length} bytes is not what was sent");
                Progress();
            }
        }
        catch (OperationCanceledException)
        {
            return;
        }
    }
}
