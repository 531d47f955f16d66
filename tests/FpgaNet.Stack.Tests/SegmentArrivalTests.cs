using System.Net;
using System.Net.Sockets;
using FpgaNet.Packets.Wire;
using FpgaNet.Simulation;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Tests.Scripts;
using FpgaNet.Stack.Transport.Tcp;

namespace FpgaNet.Stack.Tests;

/// <summary>
/// SEGMENT ARRIVES (RFC 9293 §3.10.7), every state against every kind of segment: what is answered, and in which state that leaves us. R is RCV.NXT, S is
/// SND.NXT of the state's set-up.
/// </summary>
[TestClass]
public sealed class SegmentArrivalTests
{
    private const string Synchronized = "ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 CLOSE-WAIT CLOSING LAST-ACK TIME-WAIT";

    // Segment | states | reply | next state; "same": the state does not change.
    private static readonly string[] s_table =
    [
        // §3.10.7.1
        "SYN                | CLOSED                                    | RST,ACK seq 0 ack R+1 | CLOSED",
        "ACK                | CLOSED                                    | RST seq S             | CLOSED",
        "SYN,ACK            | CLOSED                                    | RST seq S             | CLOSED",
        "FIN                | CLOSED                                    | RST seq S             | CLOSED",
        "data               | CLOSED                                    | RST seq S             | CLOSED",
        "no flags           | CLOSED                                    | RST,ACK seq 0 ack R   | CLOSED",
        "RST                | CLOSED                                    | nothing               | CLOSED",

        // §3.10.7.2
        "RST                | LISTEN                                    | nothing               | LISTEN",
        "ACK                | LISTEN                                    | RST seq S             | LISTEN",
        "SYN,ACK            | LISTEN                                    | RST seq S             | LISTEN",
        "FIN                | LISTEN                                    | RST seq S             | LISTEN",
        "data               | LISTEN                                    | RST seq S             | LISTEN",
        "no flags           | LISTEN                                    | nothing               | LISTEN",
        "SYN                | LISTEN                                    | SYN,ACK               | SYN-RECEIVED",
        "SYN,URG            | LISTEN                                    | SYN,ACK               | SYN-RECEIVED",

        // §3.10.7.3
        "ACK of nothing sent| SYN-SENT                                  | RST seq S+100         | SYN-SENT",
        "SYN,ACK of nothing | SYN-SENT                                  | RST seq S+100         | SYN-SENT",
        "RST,ACK of nothing | SYN-SENT                                  | nothing               | SYN-SENT",
        "RST,ACK            | SYN-SENT                                  | nothing               | CLOSED",
        "RST                | SYN-SENT                                  | nothing               | SYN-SENT",
        "ACK                | SYN-SENT                                  | nothing               | SYN-SENT",
        "FIN                | SYN-SENT                                  | nothing               | SYN-SENT",
        "data               | SYN-SENT                                  | nothing               | SYN-SENT",
        "no flags           | SYN-SENT                                  | nothing               | SYN-SENT",
        "SYN,ACK            | SYN-SENT                                  | ACK seq S ack R+1     | ESTABLISHED",
        "SYN,ACK with data  | SYN-SENT                                  | ACK seq S ack R+11    | ESTABLISHED",
        "SYN,ACK with FIN   | SYN-SENT                                  | ACK seq S ack R+12    | CLOSE-WAIT",
        "SYN                | SYN-SENT                                  | SYN,ACK               | SYN-RECEIVED",

        // §3.10.7.4, first: the sequence number
        "old data           | SYN-RECEIVED OPENED " + Synchronized + "  | ACK seq S ack R       | same",
        "data past window   | SYN-RECEIVED OPENED " + Synchronized + "  | ACK seq S ack R       | same",
        "old ACK            | ESTABLISHED FIN-WAIT-2 CLOSE-WAIT TIME-WAIT | ACK seq S ack R     | same",

        // what an old segment acknowledges counts all the same (appendix A.2)
        "old ACK            | FIN-WAIT-1                                | ACK seq S ack R       | FIN-WAIT-2",
        "old ACK            | CLOSING                                   | ACK seq S ack R       | TIME-WAIT",
        "old ACK            | LAST-ACK                                  | ACK seq S ack R       | CLOSED",

        "old RST            | SYN-RECEIVED OPENED " + Synchronized + "  | nothing               | same",
        "RST past window    | SYN-RECEIVED OPENED " + Synchronized + "  | nothing               | same",

        // second: RST (RFC 5961 §3)
        "RST                | SYN-RECEIVED                              | nothing               | LISTEN",
        "RST                | OPENED " + Synchronized + "               | nothing               | CLOSED",
        "RST with data      | " + Synchronized + "                      | nothing               | CLOSED",
        "RST in window      | SYN-RECEIVED OPENED " + Synchronized + "  | ACK seq S ack R       | same",

        // fourth: SYN (RFC 5961 §4)
        "SYN again          | SYN-RECEIVED OPENED                       | SYN,ACK               | same",
        "SYN in window      | SYN-RECEIVED                              | nothing               | LISTEN",
        "SYN in window      | OPENED ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 CLOSE-WAIT CLOSING LAST-ACK | ACK seq S ack R | same",
        "SYN,ACK again      | OPENED                                    | ACK seq S ack R       | ESTABLISHED",
        "SYN again          | " + Synchronized + "                      | ACK seq S ack R       | same",
        "SYN,ACK again      | " + Synchronized + "                      | ACK seq S ack R       | same",

        // fifth: ACK
        "no flags           | SYN-RECEIVED OPENED " + Synchronized + "  | nothing               | same",
        "ACK of nothing sent| SYN-RECEIVED OPENED                       | RST seq S+100         | same",
        "ACK of nothing sent| ESTABLISHED FIN-WAIT-1 FIN-WAIT-2 CLOSE-WAIT CLOSING LAST-ACK TIME-WAIT | ACK seq S ack R | same",
        "ACK far too old    | " + Synchronized + "                      | ACK seq S ack R       | same",
        "ACK                | SYN-RECEIVED OPENED                       | nothing               | ESTABLISHED",
        "ACK                | ESTABLISHED FIN-WAIT-2 CLOSE-WAIT TIME-WAIT | nothing             | same",
        "ACK                | FIN-WAIT-1                                | nothing               | FIN-WAIT-2",
        "ACK                | CLOSING                                   | nothing               | TIME-WAIT",
        "ACK                | LAST-ACK                                  | nothing               | CLOSED",

        // seventh: text
        "data               | SYN-RECEIVED OPENED                       | ACK seq S ack R+10    | ESTABLISHED",
        "data               | ESTABLISHED FIN-WAIT-2                    | ACK seq S ack R+10    | same",
        "data               | FIN-WAIT-1                                | ACK seq S ack R+10    | FIN-WAIT-2",
        "data               | CLOSE-WAIT                                | nothing               | same",
        "data               | CLOSING                                   | nothing               | TIME-WAIT",
        "data               | LAST-ACK                                  | nothing               | CLOSED",
        "data               | TIME-WAIT                                 | nothing               | same",

        // eighth: FIN
        "FIN                | SYN-RECEIVED OPENED ESTABLISHED           | ACK seq S ack R+1     | CLOSE-WAIT",
        "FIN                | FIN-WAIT-1 FIN-WAIT-2                     | ACK seq S ack R+1     | TIME-WAIT",
        "FIN, ours not taken| FIN-WAIT-1                                | ACK seq S ack R+1     | CLOSING",
        "FIN again          | CLOSE-WAIT CLOSING LAST-ACK TIME-WAIT     | ACK seq S ack R       | same",
    ];

    public static IEnumerable<object[]> Rows =>
        from row in s_table
        let cells = row.Split('|', StringSplitOptions.TrimEntries)
        from state in cells[1].Split(' ', StringSplitOptions.RemoveEmptyEntries)
        select new object[] { state, cells[0], cells[2], cells[3] };

    [TestMethod]
    [DynamicData(nameof(Rows))]
    public void A_segment_is_answered_and_moves_the_state_as_the_RFC_says(string state, string kind, string reply, string next)
    {
        using Conversation talk = new(state);
        talk.Peer.Sends(talk.Make(kind));
        if (reply is "nothing")
        {
            talk.Peer.ExpectsNothing();
        }
        else
        {
            // Data is acknowledged when the timer says so.
            talk.Peer.After(TimeSpan.FromMilliseconds(40)).Expects(talk.Parse(reply)).ExpectsNothing();
        }

        Assert.AreEqual(next is "same" ? talk.Before : next, talk.State);
    }

    [TestMethod]
    public void Two_stacks_that_open_towards_each_other_at_the_same_time_get_one_connection()
    {
        using VirtualNetwork network = new(1);
        NetworkStack left = network.AddHost();
        NetworkStack right = network.AddHost();
        using TcpSocket a = left.CreateTcpSocket();
        using TcpSocket b = right.CreateTcpSocket();
        a.Bind(new IPEndPoint(IPAddress.Any, 6000));
        b.Bind(new IPEndPoint(IPAddress.Any, 7000));
        Task first = a.ConnectAsync(new IPEndPoint(right.Address.ToIPAddress(), 7000)).AsTask();
        Task second = b.ConnectAsync(new IPEndPoint(left.Address.ToIPAddress(), 6000)).AsTask();
        network.RunUntil(() => first.IsCompletedSuccessfully && second.IsCompletedSuccessfully, TimeSpan.FromSeconds(1));
        a.TrySend("hello"u8);
        byte[] buffer = new byte[10];
        int count = 0;
        network.RunUntil(() => b.TryReceive(buffer, out count), TimeSpan.FromSeconds(1));
        Assert.AreEqual(5, count);
        Assert.AreEqual(0ul, left.Counters[StackCounter.TcpTimeouts]);
    }

    /// <summary>A stack brought into a state, and the segments as its peer would make them.</summary>
    private sealed class Conversation : IDisposable
    {
        private readonly TcpListenerSocket? _listener;
        private readonly TcpSocket? _socket;
        private readonly int _next = 1; // SND.NXT
        private readonly int _received = 1; // RCV.NXT

        public Conversation(string state)
        {
            if (state is "SYN-SENT" or "OPENED")
            {
                Peer = new ScriptedPeer();
                (_socket, _) = Peer.Connects();
                Peer.Expects(Seg.Syn());
                if (state is "OPENED")
                {
                    // SYN-RECEIVED from an active OPEN, by a simultaneous one.
                    Peer.Sends(Seg.Syn()).Expects(Seg.SynAck());
                }
                else
                {
                    _received = 0;
                }
            }
            else if (state is "CLOSED" or "LISTEN" or "SYN-RECEIVED")
            {
                Peer = new ScriptedPeer();
                _listener = state is "CLOSED" ? null : Peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80));
                if (state is "SYN-RECEIVED")
                {
                    Peer.Sends(Seg.Syn()).Expects(Seg.SynAck());
                }
                else
                {
                    _received = 0;
                }
            }
            else
            {
                Peer = new ScriptedPeer();
                _listener = Peer.Stack.Listen(new IPEndPoint(IPAddress.Any, 80));
                Peer.Sends(Seg.Syn()).Expects(Seg.SynAck()).Sends(Seg.Ack(1, 1));
                _socket = _listener.TryAccept()!;
                if (state is "CLOSE-WAIT" or "LAST-ACK")
                {
                    Peer.Sends(Seg.Fin(1, 1)).Expects(Seg.Ack(1, 2));
                    _received = 2;
                }

                if (state is "FIN-WAIT-1" or "FIN-WAIT-2" or "CLOSING" or "LAST-ACK" or "TIME-WAIT")
                {
                    _socket.Shutdown(SocketShutdown.Send);
                    Peer.Expects(Seg.Fin(1, _received));
                    _next = 2;
                }

                if (state is "FIN-WAIT-2" or "TIME-WAIT")
                {
                    Peer.Sends(Seg.Ack(1, 2)).ExpectsNothing();
                }

                if (state is "CLOSING" or "TIME-WAIT")
                {
                    Peer.Sends(Seg.Fin(1, state is "CLOSING" ? 1 : 2)).Expects(Seg.Ack(2, 2));
                    _received = 2;
                }
            }

            Before = State;
            Assert.AreEqual(state is "OPENED" ? "SYN-RECEIVED" : state, Before, "the set-up");
        }

        public ScriptedPeer Peer { get; }

        public string Before { get; }

        public string State => Peer.Stack.Tcp.Connections is [{ } connection] ? NameOf(connection.State)
            : Peer.Stack.Tcp.HalfOpenCount == 1 ? "SYN-RECEIVED"
            : _listener is not null && (_socket is null || _socket.State != TcpState.Closed) ? "LISTEN"
            : "CLOSED";

        public Seg Make(string kind) => kind switch
        {
            "SYN" => Seg.Syn(_received),
            "SYN,URG" => Seg.Syn(_received) with { Flags = TcpFlags.Syn | TcpFlags.Urg },
            "SYN again" => Seg.Syn(0),
            "SYN,ACK again" => Seg.SynAck(0, _next),
            "SYN in window" => Seg.Syn(_received + 50),
            "SYN,ACK" => Seg.SynAck(_received, _next),
            "SYN,ACK with data" => Seg.SynAck(_received, _next) with { Length = 10 },
            "SYN,ACK with FIN" => Seg.SynAck(_received, _next) with { Length = 10, Flags = TcpFlags.Syn | TcpFlags.Ack | TcpFlags.Fin },
            "SYN,ACK of nothing" => Seg.SynAck(_received, _next + 100),
            "ACK" => Seg.Ack(_received, _next),
            "old ACK" => Seg.Ack(_received - 5, _next),
            "ACK of nothing sent" => Seg.Ack(_received, _next + 100),
            "ACK far too old" => Seg.Ack(_received, _next - 40000),
            "data" => Seg.Data(_received, 10, _next),
            "old data" => Seg.Data(_received - 10, 10, 1),
            "data past window" => Seg.Data(_received + 40000, 10, _next),
            "FIN" => Seg.Fin(_received, _next),
            "FIN again" => Seg.Fin(_received - 1, 1),
            "FIN, ours not taken" => Seg.Fin(_received, 1),
            "no flags" => new Seg { Sequence = _received },
            "RST" => Seg.Rst(_received),
            "RST with data" => Seg.Rst(_received) with { Length = 20 },
            "RST,ACK" => Seg.RstAck(_received, _next),
            "RST,ACK of nothing" => Seg.RstAck(_received, _next + 100),
            "RST in window" => Seg.Rst(_received + 50),
            "RST past window" => Seg.Rst(_received + 40000),
            "old RST" => Seg.Rst(_received - 5),
            _ => throw new ArgumentException(kind),
        };

        public Seg Parse(string reply)
        {
            string[] words = reply.Split(' ');
            TcpFlags flags = TcpFlags.None;
            foreach (string name in words[0].Split(','))
            {
                flags |= Enum.Parse<TcpFlags>(name, ignoreCase: true);
            }

            Seg seg = new() { Flags = flags };
            for (int i = 1; i < words.Length; i += 2)
            {
                bool isAbsolute = words[i + 1] is "0";
                string[] sum = words[i + 1].Split('+');
                int value = (sum[0] is "S" ? _next : sum[0] is "R" ? _received : 0) + (sum.Length > 1 ? int.Parse(sum[1], null) : 0);
                seg = words[i] is "seq" ? seg with { Sequence = value, IsAbsolute = isAbsolute } : seg with { Acknowledges = value };
            }

            return seg;
        }

        public void Dispose()
        {
            _listener?.Dispose();
            Peer.Dispose();
        }

        private static string NameOf(TcpState state) => state switch
        {
            TcpState.SynSent => "SYN-SENT",
            TcpState.SynReceived => "SYN-RECEIVED",
            TcpState.FinWait1 => "FIN-WAIT-1",
            TcpState.FinWait2 => "FIN-WAIT-2",
            TcpState.CloseWait => "CLOSE-WAIT",
            TcpState.LastAck => "LAST-ACK",
            TcpState.TimeWait => "TIME-WAIT",
            _ => state.ToString().ToUpperInvariant(),
        };
    }
}
