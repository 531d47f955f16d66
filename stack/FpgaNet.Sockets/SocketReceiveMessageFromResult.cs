using System.Net;

namespace FpgaNet.Sockets;

/// <summary>What <see cref="Socket.ReceiveMessageFromAsync(Memory{byte}, SocketFlags, EndPoint, CancellationToken)"/> found.</summary>
public struct SocketReceiveMessageFromResult
{
    /// <summary>Bytes received.</summary>
    public int ReceivedBytes;

    /// <summary>Whether the message was cut.</summary>
    public SocketFlags SocketFlags;

    /// <summary>Who sent it.</summary>
    public EndPoint RemoteEndPoint;

    /// <summary>Where to, and by which interface.</summary>
    public IPPacketInformation PacketInformation;
}
