using System.Net;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets;

/// <summary>Sending to and receiving from addresses: the calls that wait on the calling thread.</summary>
public partial class Socket
{
    private bool _tellsPacketInformation;

    /// <summary>Sends a datagram.</summary>
    /// <param name="buffer">Its bytes.</param>
    /// <param name="remoteEP">To whom.</param>
    /// <returns>Bytes sent.</returns>
    public int SendTo(byte[] buffer, EndPoint remoteEP) => SendTo(Checked(buffer), SocketFlags.None, remoteEP);

    /// <inheritdoc cref="SendTo(byte[], EndPoint)"/>
    /// <param name="socketFlags">How.</param>
    public int SendTo(byte[] buffer, SocketFlags socketFlags, EndPoint remoteEP) => SendTo(Checked(buffer), socketFlags, remoteEP);

    /// <inheritdoc cref="SendTo(byte[], SocketFlags, EndPoint)"/>
    /// <param name="size">How many of the bytes.</param>
    public int SendTo(byte[] buffer, int size, SocketFlags socketFlags, EndPoint remoteEP) => SendTo(Checked(buffer, 0, size), socketFlags, remoteEP);

    /// <inheritdoc cref="SendTo(byte[], int, SocketFlags, EndPoint)"/>
    /// <param name="offset">The first of them.</param>
    public int SendTo(byte[] buffer, int offset, int size, SocketFlags socketFlags, EndPoint remoteEP) => SendTo(Checked(buffer, offset, size), socketFlags, remoteEP);

    /// <inheritdoc cref="SendTo(byte[], EndPoint)"/>
    public int SendTo(ReadOnlySpan<byte> buffer, EndPoint remoteEP) => SendTo(buffer, SocketFlags.None, remoteEP);

    /// <inheritdoc cref="SendTo(byte[], SocketFlags, EndPoint)"/>
    public int SendTo(ReadOnlySpan<byte> buffer, SocketFlags socketFlags, EndPoint remoteEP)
    {
        _template ??= remoteEP;
        return SendTo(buffer, socketFlags, EndPointOf.Parse(remoteEP, Kernel.Request.Domain));
    }

    /// <summary>Sends a datagram; no address is made or parsed anew each time.</summary>
    /// <param name="buffer">Its bytes.</param>
    /// <param name="socketFlags">How.</param>
    /// <param name="socketAddress">To whom (<see cref="EndPoint.Serialize"/>).</param>
    public int SendTo(ReadOnlySpan<byte> buffer, SocketFlags socketFlags, SocketAddress socketAddress) => SendTo(buffer, socketFlags, EndPointOf.Parse(socketAddress));

    /// <summary>Receives a datagram; waits for one. One that is longer than the buffer is cut.</summary>
    /// <param name="buffer">Receives its bytes.</param>
    /// <param name="remoteEP">An end point of the socket's family; receives who sent it.</param>
    /// <returns>Bytes received.</returns>
    public int ReceiveFrom(byte[] buffer, ref EndPoint remoteEP) => ReceiveFrom(Checked(buffer), SocketFlags.None, ref remoteEP);

    /// <inheritdoc cref="ReceiveFrom(byte[], ref EndPoint)"/>
    /// <param name="socketFlags">How.</param>
    public int ReceiveFrom(byte[] buffer, SocketFlags socketFlags, ref EndPoint remoteEP) => ReceiveFrom(Checked(buffer), socketFlags, ref remoteEP);

    /// <inheritdoc cref="ReceiveFrom(byte[], SocketFlags, ref EndPoint)"/>
    /// <param name="size">How many bytes at most.</param>
    public int ReceiveFrom(byte[] buffer, int size, SocketFlags socketFlags, ref EndPoint remoteEP) => ReceiveFrom(Checked(buffer, 0, size), socketFlags, ref remoteEP);

    /// <inheritdoc cref="ReceiveFrom(byte[], int, SocketFlags, ref EndPoint)"/>
    /// <param name="offset">Where to.</param>
    public int ReceiveFrom(byte[] buffer, int offset, int size, SocketFlags socketFlags, ref EndPoint remoteEP) => ReceiveFrom(Checked(buffer, offset, size), socketFlags, ref remoteEP);

    /// <inheritdoc cref="ReceiveFrom(byte[], ref EndPoint)"/>
    public int ReceiveFrom(Span<byte> buffer, ref EndPoint remoteEP) => ReceiveFrom(buffer, SocketFlags.None, ref remoteEP);

    /// <inheritdoc cref="ReceiveFrom(byte[], SocketFlags, ref EndPoint)"/>
    public int ReceiveFrom(Span<byte> buffer, SocketFlags socketFlags, ref EndPoint remoteEP)
    {
        KernelSocket kernel = CheckedForReceive(remoteEP);
        Check(Sync(kernel, ReceiveFrom(kernel, buffer, socketFlags, MessageFlags.None, out int received, out SockAddr address)));
        remoteEP = EndPointOfSender(address, remoteEP);
        return received;
    }

    /// <summary>Receives a datagram; no end point is made.</summary>
    /// <param name="buffer">Receives its bytes.</param>
    /// <param name="socketFlags">How.</param>
    /// <param name="receivedAddress">Receives who sent it.</param>
    public int ReceiveFrom(Span<byte> buffer, SocketFlags socketFlags, SocketAddress receivedAddress)
    {
        ArgumentNullException.ThrowIfNull(receivedAddress);
        KernelSocket kernel = Kernel;
        ThrowUnlessBound();
        Check(Sync(kernel, ReceiveFrom(kernel, buffer, socketFlags, MessageFlags.None, out int received, out SockAddr address)));
        EndPointOf.Write(address, receivedAddress);
        return received;
    }

    /// <summary>Receives a datagram and where it was sent to.</summary>
    /// <param name="buffer">Receives its bytes.</param>
    /// <param name="offset">Where to.</param>
    /// <param name="size">How many at most.</param>
    /// <param name="socketFlags">How; receives whether it was cut.</param>
    /// <param name="remoteEP">An end point of the socket's family; receives who sent it.</param>
    /// <param name="ipPacketInformation">Receives where to and by which interface.</param>
    /// <returns>Bytes received.</returns>
    public int ReceiveMessageFrom(byte[] buffer, int offset, int size, ref SocketFlags socketFlags, ref EndPoint remoteEP, out IPPacketInformation ipPacketInformation) =>
        ReceiveMessageFrom(Checked(buffer, offset, size), ref socketFlags, ref remoteEP, out ipPacketInformation);

    /// <inheritdoc cref="ReceiveMessageFrom(byte[], int, int, ref SocketFlags, ref EndPoint, out IPPacketInformation)"/>
    public int ReceiveMessageFrom(Span<byte> buffer, ref SocketFlags socketFlags, ref EndPoint remoteEP, out IPPacketInformation ipPacketInformation)
    {
        KernelSocket kernel = CheckedForReceive(remoteEP);
        TellPacketInformation();
        Check(Sync(kernel, ReceiveMessage(kernel, buffer, ref socketFlags, MessageFlags.None, out int received, out SockAddr address, out ipPacketInformation)));
        remoteEP = EndPointOfSender(address, remoteEP);
        return received;
    }

    /// <summary>Who sent a message; a stream does not say, and what was there before stays.</summary>
    internal static EndPoint EndPointOfSender(in SockAddr address, EndPoint before) => address.Family == SocketDomain.AF_UNSPEC ? before : EndPointOf.Address(address, before);

    private static void Check(SocketError error)
    {
        if (error != SocketError.Success)
        {
            throw new SocketException((int)error);
        }
    }

    private int SendTo(ReadOnlySpan<byte> buffer, SocketFlags socketFlags, in SockAddr address)
    {
        KernelSocket kernel = Kernel;
        Check(Sync(kernel, SendTo(kernel, buffer, socketFlags, MessageFlags.None, address, out int sent)));
        _isBound = true;
        return sent;
    }

    private KernelSocket CheckedForReceive(EndPoint remoteEP)
    {
        KernelSocket kernel = Kernel;
        ArgumentNullException.ThrowIfNull(remoteEP);
        if (remoteEP.AddressFamily != AddressFamily && !(remoteEP.AddressFamily == AddressFamily.InterNetwork && AddressFamily == AddressFamily.InterNetworkV6 && DualMode))
        {
            throw new ArgumentException($"The end point is of {remoteEP.AddressFamily}, the socket of {AddressFamily}.", nameof(remoteEP));
        }

        ThrowUnlessBound();
        return kernel;
    }

    private void ThrowUnlessBound()
    {
        if (!_isBound)
        {
            throw new InvalidOperationException($"Call {nameof(Bind)} first.");
        }
    }

    private void TellPacketInformation()
    {
        if (_tellsPacketInformation)
        {
            return;
        }

        _tellsPacketInformation = true; // a kind without the option says nothing of it, as .NET of a stream
        SetInt(IPPROTO_IP, IP_PKTINFO, 1);
        if (AddressFamily == AddressFamily.InterNetworkV6)
        {
            SetInt(IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
        }
    }
}
