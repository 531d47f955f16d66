using System.Buffers.Binary;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using FpgaNet.Stack.Transport;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Stack.Sockets.Inet;

/// <summary>SOCK_RAW and SOCK_DGRAM of AF_PACKET: frames of an interface, with their Ethernet header or without (packet(7)).</summary>
internal sealed class PacketSocket : SocketImplementation, IRoomUser
{
    private readonly PacketTaps _taps;
    private readonly StackContext _net;
    private readonly InetOptions _options;
    private readonly DatagramQueue _queue = new();
    private readonly bool _isCooked;
    private ushort _type; // ETH_P_…; 0: nothing is received
    private int _interface;
    private int _droppedBefore;
    private int _shown;
    private NetworkInterface? _promiscuous;
    private bool _isClosed;

    public PacketSocket(PacketTaps taps, in SocketRequest request)
    {
        _taps = taps;
        _net = taps.Context;
        _options = new InetOptions(_net, request.Domain, request.Kind, request.Credentials);
        _isCooked = request.Kind == SocketKind.SOCK_DGRAM;
        _type = BinaryPrimitives.ReverseEndianness((ushort)request.Protocol); // htons(), as the manual wants it
        _queue.Limit = _options.ReceiveBuffer;
        using (_net.Enter())
        {
            taps.Add(this);
        }
    }

    /// <inheritdoc/>
    public FrameOutput? AwaitsRoomOf { get; set; }

    /// <inheritdoc/>
    public override Errno Bind(in SockAddr address)
    {
        if (address.Family != SocketDomain.AF_PACKET)
        {
            return Errno.EINVAL;
        }

        using (_net.Enter())
        {
            if (_isClosed)
            {
                return Errno.EBADF;
            }

            if (address.Scope != 0 && _net.FindInterface(address.Scope) is null)
            {
                return Errno.ENODEV;
            }

            _interface = address.Scope;
            _type = address.Port != 0 ? address.Port : _type;
            return Errno.None;
        }
    }

    /// <inheritdoc/>
    public override Errno Send(ref MessageOut message, out int sent)
    {
        sent = 0;
        using (_net.Enter())
        {
            if (_isClosed)
            {
                return Errno.EBADF;
            }

            bool hasAddress = message.Address.Family != SocketDomain.AF_UNSPEC;
            if (hasAddress && message.Address.Family != SocketDomain.AF_PACKET)
            {
                return Errno.EINVAL;
            }

            if (_net.FindInterface(hasAddress ? message.Address.Scope : _interface) is not { } network)
            {
                return Errno.ENXIO;
            }

            Errno error = network.IsDown ? Errno.ENETDOWN : InetControl.Check(message.Control, _options);
            error = error == Errno.None ? Check(message.Data.Length, hasAddress, network) : error;
            if (error != Errno.None)
            {
                return error;
            }

            byte priority = InetOptions.BandPriority(_options.Priority);
            if (!_net.HasRoomFor(this, network.Output.For(priority)))
            {
                return Errno.EAGAIN;
            }

            if (network.Packets.TryRent() is not { } buffer)
            {
                return Errno.ENOBUFS;
            }

            int header = _isCooked ? EthernetHeader.Length : 0;
            if (_isCooked)
            {
                EthernetHeader.Write(buffer.Span, message.Address.Station, network.Device.MacAddress, (EtherType)(message.Address.Port != 0 ? message.Address.Port : _type));
            }

            message.Data.CopyTo(buffer.Span[header..]);
            sent = message.Data.Length;
            TxFrame frame = new() { Frame = new Frame(new BufferSlice(buffer, 0, header + sent)) };
            frame.Offload.Priority = priority;
            _taps.Sender = this;
            network.Output.Enqueue(ref frame);
            _taps.Sender = null;
            return Errno.None;
        }
    }

    /// <inheritdoc/>
    public override Errno Receive(ref MessageIn message, out int received)
    {
        received = 0;
        message.ControlLength = 0;
        message.Found = MessageFlags.None;
        using (_net.Enter())
        {
            if (_isClosed)
            {
                return Errno.EBADF;
            }

            bool peeks = (message.Flags & MessageFlags.MSG_PEEK) != MessageFlags.None;
            if ((message.Flags & MessageFlags.MSG_ERRQUEUE) != MessageFlags.None || !(peeks ? _queue.TryPeek(out DatagramIn datagram) : _queue.TryDequeue(out datagram)))
            {
                return _net.IsDown ? Errno.ENETDOWN : Errno.EAGAIN;
            }

            ReceivedMessage.Copy(ref message, datagram.Frame, datagram.Offset, datagram.Length, out received);
            message.Address = new SockAddr
            {
                Family = SocketDomain.AF_PACKET,
                Port = datagram.SourcePort,
                Scope = datagram.Interface,
                PacketType = datagram.PacketKind,
                Station = MacAddress.Read(datagram.Frame.Header.Span[MacAddress.Length..]),
            };
            if (_options.News != ReceiveNews.None)
            {
                ControlWriter writer = new(message.Control);
                InetControl.WriteStamps(ref writer, datagram.Arrival, datagram.DeviceTime, _options);
                ReceivedMessage.EndControl(ref message, writer);
            }

            if (!peeks)
            {
                datagram.Frame.Release();
            }

            return Errno.None;
        }
    }

    /// <inheritdoc/>
    public override Errno Shutdown(SocketShutdown how) => Errno.EOPNOTSUPP;

    /// <inheritdoc/>
    public override Errno Close()
    {
        using (_net.Enter())
        {
            if (!_isClosed)
            {
                _isClosed = true;
                _taps.Remove(this);
                _queue.Clear();
                _net.ForgetRoom(this);
                _promiscuous?.ReleasePromiscuous();
            }

            return Errno.None;
        }
    }

    /// <inheritdoc/>
    public override PollEvents Poll()
    {
        using (_net.Enter())
        {
            PollEvents events = AwaitsRoomOf is null ? PollEvents.POLLOUT | PollEvents.POLLWRNORM | PollEvents.POLLWRBAND : PollEvents.None;
            events |= _queue.Count != 0 || _net.IsDown ? PollEvents.POLLIN | PollEvents.POLLRDNORM : PollEvents.None;
            return _net.IsDown ? events | PollEvents.POLLERR : events;
        }
    }

    /// <inheritdoc/>
    public override Errno TakeError() => Errno.None;

    /// <inheritdoc/>
    public override Errno GetLocalAddress(out SockAddr address)
    {
        using (_net.Enter())
        {
            address = new SockAddr { Family = SocketDomain.AF_PACKET, Port = _type, Scope = _interface, Station = _net.FindInterface(_interface)?.Device.MacAddress ?? default };
            return _isClosed ? Errno.EBADF : Errno.None;
        }
    }

    /// <inheritdoc/>
    public override Errno GetRemoteAddress(out SockAddr address)
    {
        address = default;
        return Errno.EOPNOTSUPP;
    }

    /// <inheritdoc/>
    public override Errno SetOption(int level, int name, ReadOnlySpan<byte> value)
    {
        using (_net.Enter())
        {
            if (_isClosed)
            {
                return Errno.EBADF;
            }

            if (level == SOL_PACKET)
            {
                return name is PACKET_ADD_MEMBERSHIP or PACKET_DROP_MEMBERSHIP ? SetMembership(value, name == PACKET_ADD_MEMBERSHIP) : Errno.ENOPROTOOPT;
            }

            Errno error = _options.Set(level, name, value);
            _queue.Limit = _options.ReceiveBuffer;
            return error;
        }
    }

    /// <inheritdoc/>
    public override Errno GetOption(int level, int name, Span<byte> value, out int length)
    {
        length = 0;
        using (_net.Enter())
        {
            if (_isClosed)
            {
                return Errno.EBADF;
            }

            if (level != SOL_PACKET)
            {
                return _options.Get(level, name, value, out length);
            }

            if (name != PACKET_STATISTICS)
            {
                return Errno.ENOPROTOOPT;
            }

            // struct tpacket_stats: frames, and of these those for which there was no room, since they were last asked for.
            Span<int> numbers = [_shown, _queue.Dropped - _droppedBefore];
            _shown = 0;
            _droppedBefore = _queue.Dropped;
            return OptionValue.Write(value, MemoryMarshal.AsBytes(numbers), out length);
        }
    }

    /// <inheritdoc/>
    public override Errno Control(int request, Span<byte> argument)
    {
        using (_net.Enter())
        {
            if (_isClosed)
            {
                return Errno.EBADF;
            }

            if (request is not (FIONREAD or SIOCOUTQ))
            {
                return Errno.ENOTTY;
            }

            if (argument.Length < sizeof(int))
            {
                return Errno.EFAULT;
            }

            BinaryPrimitives.WriteInt32LittleEndian(argument, request == FIONREAD && _queue.TryPeek(out DatagramIn next) ? next.Length : 0);
            return Errno.None;
        }
    }

    /// <inheritdoc/>
    public void RoomCame() => Notify(PollEvents.POLLOUT | PollEvents.POLLWRNORM | PollEvents.POLLWRBAND);

    /// <summary>Whether a frame is to be shown to it. One type is looked for in what comes only, all types in what goes too (packet(7)).</summary>
    public bool Wants(NetworkInterface network, ushort type, byte kind) =>
        (_type == ETH_P_ALL || (_type == type && kind != PACKET_OUTGOING)) && (_interface == 0 || _interface == network.Index);

    /// <summary>Takes a frame.</summary>
    public void Take(DatagramIn datagram)
    {
        datagram.Offset = _isCooked ? EthernetHeader.Length : 0;
        datagram.Length = datagram.Frame.Length - datagram.Offset;
        const ReceiveNews Stamps = ReceiveNews.Timestamp | ReceiveNews.TimestampNs | ReceiveNews.Timestamping;
        if ((_options.News & Stamps) != ReceiveNews.None)
        {
            datagram.Arrival = _net.Options.TimeProvider.GetUtcNow();
        }

        _shown++;
        datagram.Frame.AddReferences();
        if (_queue.TryEnqueue(datagram))
        {
            Notify(PollEvents.POLLIN | PollEvents.POLLRDNORM);
        }
        else
        {
            datagram.Frame.Release();
        }
    }

    /// <summary>Drops all that waits: the stack ends.</summary>
    public void Drop()
    {
        _queue.Clear();
        Notify(PollEvents.POLLIN | PollEvents.POLLOUT | PollEvents.POLLERR);
    }

    private Errno Check(int length, bool hasAddress, NetworkInterface network)
    {
        if (_isCooked ? !hasAddress : length < EthernetHeader.Length)
        {
            return Errno.EINVAL;
        }

        return length > network.MaximumTransmissionUnit + (_isCooked ? 0 : EthernetHeader.Length) ? Errno.EMSGSIZE : Errno.None;
    }

    // struct packet_mreq: the interface's index, and what is wanted of it. Only PACKET_MR_PROMISC does something: groups of stations are the IP layer's.
    private Errno SetMembership(ReadOnlySpan<byte> value, bool isAdded)
    {
        const int Length = 16;
        const int Multicast = 0;
        const int Promiscuous = 1;
        const int AllMulticast = 2;
        if (value.Length < Length)
        {
            return Errno.EINVAL;
        }

        if (_net.FindInterface(MemoryMarshal.Read<int>(value)) is not { } network)
        {
            return Errno.ENODEV;
        }

        switch (MemoryMarshal.Read<ushort>(value[sizeof(int)..]))
        {
            case Promiscuous when isAdded:
                if (_promiscuous is null)
                {
                    _promiscuous = network;
                    network.RequestPromiscuous();
                }

                return Errno.None;
            case Promiscuous:
                _promiscuous?.ReleasePromiscuous();
                _promiscuous = null;
                return Errno.None;
            case Multicast or AllMulticast:
                return Errno.EOPNOTSUPP;
            default:
                return Errno.EINVAL;
        }
    }
}
