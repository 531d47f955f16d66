using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets;
using FpgaNet.Stack.Transport.Tcp;
using FpgaNet.Stack.Transport.Udp;

namespace FpgaNet.Stack.Dns;

/// <summary>
/// One question to one server and its answer: over UDP (RFC 1035 §4.2.1), and over TCP (RFC 7766) when the answer does not fit or somebody seems to guess.
/// An answer counts only when address, port, number, and the question with its random mixture of cases are right (RFC 5452 §9).
/// </summary>
internal sealed class DnsExchange(StackContext context, UdpProtocol udp, TcpProtocol tcp)
{
    // So many wrong answers are no accident: the next question goes where nobody can guess.
    private const int MaximumForgeries = 8;

    private readonly SipHash _random = SipHash.Create(context.Options.Seed);
    private ulong _drawn;

    /// <summary>Asks.</summary>
    /// <exception cref="SocketException">TimedOut, ConnectionRefused and what else the sockets say; ProtocolNotSupported when the answer makes no sense.</exception>
    public async Task<DnsMessage> AskAsync(IPEndPoint server, string name, DnsRecordType type, TimeSpan timeout, CancellationToken cancellationToken)
    {
        Query query = Prepare(name, type, extended: true);
        DnsMessage? answer = await AskUdpAsync(server, query, timeout, cancellationToken).ConfigureAwait(false);
        if (answer is { Code: DnsResponseCode.FormatError })
        {
            // RFC 6891 §6.2.2, §7: a server that does not know EDNS.
            query = Prepare(name, type, extended: false);
            answer = await AskUdpAsync(server, query, timeout, cancellationToken).ConfigureAwait(false);
        }

        return answer is null || answer.IsTruncated ? await AskTcpAsync(server, query, timeout, cancellationToken).ConfigureAwait(false) : answer;
    }

    private Query Prepare(string name, DnsRecordType type, bool extended)
    {
        string mixed = MixCases(name);
        byte[] bytes = new byte[DnsMessage.MaximumQueryLength];
        ushort id = (ushort)Draw();
        int length = DnsMessage.WriteQuery(bytes, id, mixed, type, extended);
        return new Query(id, mixed, type, bytes.AsMemory(0, length));
    }

    // Null: rather over TCP.
    private async Task<DnsMessage?> AskUdpAsync(IPEndPoint server, Query query, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using UdpSocket socket = Open(server.AddressFamily); // RFC 5452 §9.2: every question from another port, chosen among as many as possible
        using StackTimeout limit = new(context, timeout, cancellationToken);
        socket.SendTo(query.Bytes.Span, server);
        byte[] buffer = new byte[DnsMessage.UdpPayloadSize];
        for (int forgeries = 0; forgeries < MaximumForgeries;)
        {
            UdpDatagram datagram;
            try
            {
                datagram = await socket.ReceiveFromAsync(buffer, limit.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (limit.HasExpired)
            {
                throw new SocketException((int)SocketError.TimedOut);
            }

            if (datagram.RemoteEndPoint.Equals(server) && DnsMessage.TryParse(buffer.AsSpan(0, datagram.Length), out DnsMessage? answer) && query.IsAnsweredBy(answer))
            {
                // A server that does not repeat the cases is asked where it needs no such proof.
                return query.IsRepeatedBy(answer) ? answer : null;
            }

            forgeries++;
        }

        return null;
    }

    private async Task<DnsMessage> AskTcpAsync(IPEndPoint server, Query query, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using StackTimeout limit = new(context, timeout * 2, cancellationToken); // a round trip more for the connection
        using TcpSocket socket = new(tcp);
        try
        {
            await socket.ConnectAsync(server, limit.Token).ConfigureAwait(false);
            byte[] message = new byte[2 + query.Bytes.Length];
            BinaryPrimitives.WriteUInt16BigEndian(message, (ushort)query.Bytes.Length);
            query.Bytes.CopyTo(message.AsMemory(2));
            await socket.SendAsync(message, limit.Token).ConfigureAwait(false);
            byte[] length = new byte[2];
            await ReceiveAllAsync(socket, length, limit.Token).ConfigureAwait(false);
            byte[] answerBytes = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
            await ReceiveAllAsync(socket, answerBytes, limit.Token).ConfigureAwait(false);
            return DnsMessage.TryParse(answerBytes, out DnsMessage? answer) && query.IsAnsweredBy(answer)
                ? answer
                : throw new SocketException((int)SocketError.ProtocolNotSupported);
        }
        catch (OperationCanceledException) when (limit.HasExpired)
        {
            throw new SocketException((int)SocketError.TimedOut);
        }
    }

    private static async Task ReceiveAllAsync(TcpSocket socket, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (!buffer.IsEmpty)
        {
            int count = await socket.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (count == 0)
            {
                throw new SocketException((int)SocketError.ConnectionReset);
            }

            buffer = buffer[count..];
        }
    }

    private UdpSocket Open(AddressFamily family)
    {
        using (context.Enter())
        {
            return new UdpSocket(udp, family == AddressFamily.InterNetwork ? IpAddress.IPv4Any : IpAddress.Any, port: 0);
        }
    }

    // Letters in random case, which the server repeats (draft-vixie-dnsext-dns0x20): bits that who guesses must guess too.
    private string MixCases(string name) => string.Create(name.Length, (name, this), static (text, state) =>
    {
        for (int i = 0; i < text.Length; i += 64)
        {
            ulong bits = state.Item2.Draw();
            for (int j = i; j < Math.Min(i + 64, text.Length); j++, bits >>= 1)
            {
                char c = state.name[j];
                text[j] = !char.IsAsciiLetter(c) ? c : (bits & 1) != 0 ? char.ToUpperInvariant(c) : char.ToLowerInvariant(c);
            }
        }
    });

    private ulong Draw()
    {
        Span<byte> input = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(input, Interlocked.Increment(ref _drawn));
        return _random.Compute(input);
    }

    private sealed record Query(ushort Id, string Name, DnsRecordType Type, ReadOnlyMemory<byte> Bytes)
    {
        public bool IsAnsweredBy(DnsMessage answer) =>
            answer.Id == Id && answer.QuestionType == Type && answer.QuestionName is { } name && DomainName.Comparer.Equals(name, Name);

        public bool IsRepeatedBy(DnsMessage answer) => string.Equals(answer.QuestionName, Name, StringComparison.Ordinal);
    }
}
