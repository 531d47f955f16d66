using System.Buffers.Binary;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using FpgaNet.Testing;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.CoSim.Tests;

/// <summary>SO_TIMESTAMPING and SO_TXTIME of datagram sockets reach the clocks of two cards and come back (docs/time.md): the cable between them has a delay that is known to the cycle.</summary>
[TestClass]
public sealed class SocketTimeOnCardsTests
{
    private const int NanosecondsPerCycle = 8;

    private static readonly TimestampingFlags s_stamps =
        TimestampingFlags.TX_HARDWARE | TimestampingFlags.RX_HARDWARE | TimestampingFlags.RAW_HARDWARE | TimestampingFlags.OPT_ID;

    [TestMethod]
    public void The_cards_stamps_come_by_control_message_and_by_the_error_queue()
    {
        const int Datagrams = 20;
        Random random = TestSeed.Random();
        int cycles = random.Next(40, 400);
        using Rig rig = new(random, cycles);
        rig.SetStamps(s_stamps);
        long apart = rig.Exchange(random, 50).Arrival - (cycles * NanosecondsPerCycle);
        apart -= rig.LastDeparture;
        for (uint i = 1; i <= Datagrams; i++)
        {
            (long arrival, byte[] sent) = rig.Exchange(random, random.Next(1, 1400));
            Assert.AreEqual(rig.LastDeparture + (cycles * NanosecondsPerCycle), arrival - apart, "the cable's delay lies between the two stamps");
            Assert.AreEqual(i, rig.LastNumber);

            // What the error queue shows is the frame: Ethernet, IP, UDP, and what was sent.
            CollectionAssert.AreEqual(sent, rig.LastFrame[(EthernetHeader.Length + IPv4Header.MinimumLength + UdpHeader.HeaderLength)..]);
        }
    }

    [TestMethod]
    public void A_datagram_leaves_at_the_launch_time_that_its_control_message_says()
    {
        const int Datagrams = 20;
        Random random = TestSeed.Random();
        using Rig rig = new(random, 60);
        rig.SetStamps(s_stamps);
        byte[] txTime = new byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(txTime, CLOCK_TAI);
        Assert.AreEqual(Errno.None, rig.Sender.SetOption(SOL_SOCKET, SO_TXTIME, txTime));
        rig.Exchange(random, 50); // the cards know one another now
        for (int i = 0; i < Datagrams; i++)
        {
            long launch = rig.Cards.First.Clock.Read() + 60_000 + random.Next(40_000);
            byte[] control = new byte[ControlWriter.Space(sizeof(long))];
            new ControlWriter(control).Write(SOL_SOCKET, SCM_TXTIME, BitConverter.GetBytes(launch));
            rig.Exchange(random, random.Next(1, 1400), control);
            Assert.IsTrue(rig.LastDeparture >= launch && rig.LastDeparture < launch + NanosecondsPerCycle, $"datagram {i} left {rig.LastDeparture - launch} ns behind its time");
        }
    }

    [TestMethod]
    public void By_the_host_s_clock_a_datagram_waits_in_the_stack()
    {
        Random random = TestSeed.Random();
        using Rig rig = new(random, 60);
        rig.SetStamps(s_stamps | TimestampingFlags.TX_SOFTWARE | TimestampingFlags.RX_SOFTWARE | TimestampingFlags.SOFTWARE);
        byte[] txTime = new byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(txTime, CLOCK_MONOTONIC);
        Assert.AreEqual(Errno.None, rig.Sender.SetOption(SOL_SOCKET, SO_TXTIME, txTime));
        rig.Exchange(random, 50);
        long before = rig.Cards.First.Clock.Read();
        long host = rig.Cards.First.Host.GetTimestamp();
        byte[] control = new byte[ControlWriter.Space(sizeof(long))];
        new ControlWriter(control).Write(SOL_SOCKET, SCM_TXTIME, BitConverter.GetBytes(host + 3_000_000));
        rig.Exchange(random, 100, control);
        Assert.IsGreaterThanOrEqualTo(before + 3_000_000, rig.LastDeparture);
        Assert.IsLessThan(before + 8_000_000, rig.LastDeparture);
    }

    /// <summary>A stack with one socket on each card.</summary>
    private sealed class Rig : IDisposable
    {
        private readonly List<SoftwareOffload> _offloads = [];
        private readonly byte[] _buffer = new byte[2000];
        private readonly byte[] _control = new byte[512];

        public Rig(Random random, int cycles)
        {
            Cards = new TwoCards(random, cycles);
            Sender = Open(Cards.First, 1);
            Receiver = Open(Cards.Second, 2);
            Assert.AreEqual(Errno.None, Receiver.Bind(SockAddr.Inet(IPv4Address.Parse("192.0.2.2"), 7000)));
        }

        public TwoCards Cards { get; }

        public KernelSocket Sender { get; }

        public KernelSocket Receiver { get; }

        public long LastDeparture { get; private set; }

        public uint LastNumber { get; private set; }

        public byte[] LastFrame { get; private set; } = [];

        public void SetStamps(TimestampingFlags flags)
        {
            Assert.AreEqual(Errno.None, Sender.SetOption(SOL_SOCKET, SO_TIMESTAMPING, BitConverter.GetBytes((int)flags)));
            Assert.AreEqual(Errno.None, Receiver.SetOption(SOL_SOCKET, SO_TIMESTAMPING, BitConverter.GetBytes((int)flags)));
        }

        /// <summary>One datagram goes over; both its stamps are read.</summary>
        public (long Arrival, byte[] Sent) Exchange(Random random, int length, byte[]? control = null)
        {
            byte[] sent = new byte[length];
            random.NextBytes(sent);
            MessageOut message = new() { Data = new GatherList(sent), Address = SockAddr.Inet(IPv4Address.Parse("192.0.2.2"), 7000), Control = control };
            Assert.AreEqual(Errno.None, Sender.Send(ref message, out _));
            Cards.RunUntil(() => (Receiver.Poll() & PollEvents.POLLIN) != PollEvents.None && (Sender.Poll() & PollEvents.POLLERR) != PollEvents.None, 4_000_000);
            long arrival = Read(Receiver, MessageFlags.None, out int received, out _);
            CollectionAssert.AreEqual(sent, _buffer[..received]);
            LastDeparture = Read(Sender, MessageFlags.MSG_ERRQUEUE, out received, out byte[] story);
            LastFrame = _buffer[..received];
            Assert.AreEqual(Errno.ENOMSG, (Errno)BinaryPrimitives.ReadInt32LittleEndian(story));
            Assert.AreEqual(SO_EE_ORIGIN_TIMESTAMPING, story[4]);
            Assert.AreEqual(SCM_TSTAMP_SND, BinaryPrimitives.ReadInt32LittleEndian(story.AsSpan(8)));
            LastNumber = BinaryPrimitives.ReadUInt32LittleEndian(story.AsSpan(12));
            return (arrival, sent);
        }

        public void Dispose()
        {
            foreach (TwoCards.Station station in (TwoCards.Station[])[Cards.First, Cards.Second])
            {
                station.Stack!.Dispose();
                station.Stack = null;
            }

            Cards.Dispose(); // with the cards' drivers
            foreach (SoftwareOffload offload in _offloads)
            {
                offload.Dispose();
            }
        }

        private KernelSocket Open(TwoCards.Station station, int number)
        {
            SoftwareOffload offload = new(station.Nic);
            _offloads.Add(offload);
            station.Stack = new NetworkStack(offload, new NetworkStackOptions { Address = IPv4Address.Parse($"192.0.2.{number}"), TimeProvider = station.Host, Seed = 1 });
            SocketSystem system = new(station.Stack);
            Assert.AreEqual(Errno.None, system.Create(new SocketRequest(SocketDomain.AF_INET, SocketKind.SOCK_DGRAM, 0, Credentials.Own), out KernelSocket? socket));
            return socket!;
        }

        // The device's time of SCM_TIMESTAMPING: the third of three.
        private long Read(KernelSocket socket, MessageFlags flags, out int received, out byte[] story)
        {
            MessageIn message = new() { Data = new ScatterList(_buffer), Control = _control, Flags = flags | MessageFlags.MSG_DONTWAIT };
            Assert.AreEqual(Errno.None, socket.Receive(ref message, out received));
            ControlReader reader = new(_control.AsSpan(0, message.ControlLength));
            long time = 0;
            story = [];
            while (reader.Read())
            {
                if (reader is { Level: SOL_SOCKET, Type: SCM_TIMESTAMPING })
                {
                    time = (BinaryPrimitives.ReadInt64LittleEndian(reader.Data[32..]) * 1_000_000_000) + BinaryPrimitives.ReadInt64LittleEndian(reader.Data[40..]);
                }
                else if (reader is { Level: SOL_IP, Type: IP_RECVERR })
                {
                    story = reader.Data.ToArray();
                }
            }

            Assert.AreNotEqual(0, time);
            return time;
        }
    }
}
