using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using FpgaNet.Stack.Dns;
using FpgaNet.Stack.Sockets;

namespace FpgaNet.Stack.Tests.Dns;

/// <summary>A name server on a stack of the virtual network. Records are text, such as "A 192.0.2.80"; it can be told to misbehave.</summary>
internal sealed class ScriptedNameServer : IDisposable
{
    private readonly Dictionary<string, List<(DnsRecordType Type, string Data, int TimeToLive)>> _records = new(StringComparer.OrdinalIgnoreCase);
    private readonly UdpSocket _udp;
    private readonly TcpListenerSocket _tcp;

    public ScriptedNameServer(NetworkStack stack)
    {
        EndPoint = new IPEndPoint(stack.Address.ToIPAddress(), DnsSettings.DefaultPort);
        _udp = stack.OpenUdp(EndPoint);
        _tcp = stack.Listen(EndPoint);
        _ = ServeUdpAsync();
        _ = ServeTcpAsync();
    }

    public IPEndPoint EndPoint { get; }

    /// <summary>What was asked, such as "www.example.org A", with " tcp" behind it when it was.</summary>
    public List<string> Questions { get; } = [];

    /// <summary>The bytes of the last question.</summary>
    public byte[] LastQuestion { get; private set; } = [];

    /// <summary>From which port the questions came.</summary>
    public HashSet<int> Ports { get; } = [];

    /// <summary>It does not answer.</summary>
    public bool IsSilent { get; set; }

    /// <summary>What it says to everything instead of an answer.</summary>
    public int? AlwaysCode { get; set; }

    /// <summary>Answers over UDP are cut.</summary>
    public bool Truncates { get; set; }

    /// <summary>It repeats the question in lower case.</summary>
    public bool LowersCase { get; set; }

    /// <summary>It does not know EDNS.</summary>
    public bool RefusesExtensions { get; set; }

    /// <summary>Changes what is sent over UDP; null: nothing is sent.</summary>
    public Func<byte[], byte[]?>? Distort { get; set; }

    /// <summary>Called with every question over UDP, before the answer.</summary>
    public Action<IPEndPoint, byte[]>? Overhear { get; set; }

    public void Add(string name, string record, int timeToLive = 300)
    {
        string[] parts = record.Split(' ', 2);
        _records.TryAdd(name, []);
        _records[name].Add((Enum.Parse<DnsRecordType>(parts[0]), parts[1], timeToLive));
    }

    public void Remove(string name) => _records.Remove(name);

    /// <summary>The answer to a question.</summary>
    public byte[] Answer(ReadOnlySpan<byte> question, bool overTcp)
    {
        int at = 12;
        Assert.IsTrue(DomainName.TryRead(question, ref at, out string? name));
        DnsRecordType type = (DnsRecordType)BinaryPrimitives.ReadUInt16BigEndian(question[at..]);
        at += 4;
        Questions.Add($"{name.ToLowerInvariant()} {type}{(overTcp ? " tcp" : "")}");
        LastQuestion = question.ToArray();
        byte[] head = question[..at].ToArray();
        if (LowersCase)
        {
            byte[] lower = new byte[300];
            DomainName.TryWrite(name.ToLowerInvariant(), lower, out int length);
            lower.AsSpan(0, length).CopyTo(head.AsSpan(12));
        }

        List<byte> message = [.. head];
        List<byte> answers = [];
        int count = 0;
        string current = name;
        bool found = false;
        for (int hop = 0; hop < 20 && _records.TryGetValue(current, out var records); hop++)
        {
            found = true;
            foreach ((DnsRecordType recordType, string data, int timeToLive) in records.Where(r => r.Type == type || r.Type == DnsRecordType.CNAME))
            {
                Append(answers, current, recordType, data, timeToLive);
                count++;
            }

            if (records.Find(r => r.Type == DnsRecordType.CNAME) is not { Data: { } target })
            {
                break;
            }

            current = target;
            found = _records.ContainsKey(current) || target.StartsWith("elsewhere", StringComparison.Ordinal);
        }

        int code = AlwaysCode ?? (RefusesExtensions && question[11] != 0 ? 1 : found ? 0 : 3);
        bool cut = Truncates && !overTcp;
        bool negative = code is 0 or 3 && answers.Count == 0 && _records.ContainsKey("example.org");
        if (negative)
        {
            Append(answers, "example.org", DnsRecordType.SOA, "60", 600);
        }

        BinaryPrimitives.WriteUInt16BigEndian(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(message)[2..], (ushort)(0x8180 | code | (cut ? 0x200 : 0)));
        message[7] = (byte)(cut || code is not (0 or 3) ? 0 : count);
        message[9] = (byte)(cut || !negative ? 0 : 1);
        message[11] = 0;
        if (!cut && code is 0 or 3)
        {
            message.AddRange(answers);
        }

        return [.. message];
    }

    public void Dispose()
    {
        _udp.Dispose();
        _tcp.Dispose();
    }

    private static void Append(List<byte> message, string name, DnsRecordType type, string data, int timeToLive)
    {
        message.AddRange(Name(name));
        byte[] bytes = type switch
        {
            DnsRecordType.A or DnsRecordType.AAAA => IPAddress.Parse(data).GetAddressBytes(),
            DnsRecordType.CNAME or DnsRecordType.PTR => Name(data),
            DnsRecordType.TXT => [(byte)data.Length, .. Encoding.ASCII.GetBytes(data)],
            DnsRecordType.MX => [0, byte.Parse(data.Split(' ')[0], CultureInfo.InvariantCulture), .. Name(data.Split(' ')[1])],
            DnsRecordType.SRV => [.. data.Split(' ').Take(3).SelectMany(n => Number(ushort.Parse(n, CultureInfo.InvariantCulture))), .. Name(data.Split(' ')[3])],
            _ => [0, 0, .. new byte[16], 0, 0, 0, byte.Parse(data, CultureInfo.InvariantCulture)],
        };
        message.AddRange(Number((ushort)type));
        message.AddRange([0, 1, 0, 0]);
        message.AddRange(Number((ushort)timeToLive));
        message.AddRange(Number((ushort)bytes.Length));
        message.AddRange(bytes);
    }

    private static byte[] Name(string text)
    {
        byte[] bytes = new byte[256];
        Assert.IsTrue(DomainName.TryWrite(text, bytes, out int length));
        return bytes[..length];
    }

    private static byte[] Number(ushort value) => [(byte)(value >> 8), (byte)value];

    private async Task ServeUdpAsync()
    {
        byte[] buffer = new byte[1500];
        try
        {
            while (true)
            {
                UdpDatagram datagram = await _udp.ReceiveFromAsync(buffer);
                Ports.Add(datagram.RemoteEndPoint.Port);
                Overhear?.Invoke(datagram.RemoteEndPoint, buffer[..datagram.Length]);
                byte[]? answer = Answer(buffer.AsSpan(0, datagram.Length), overTcp: false);
                answer = IsSilent ? null : Distort is null ? answer : Distort(answer);
                if (answer is not null)
                {
                    _udp.SendTo(answer, datagram.RemoteEndPoint);
                }
            }
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.OperationAborted or SocketError.NetworkDown)
        {
            // The end.
        }
    }

    private async Task ServeTcpAsync()
    {
        try
        {
            while (true)
            {
                TcpSocket socket = await _tcp.AcceptAsync();
                _ = ServeAsync(socket);
            }
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.OperationAborted or SocketError.NetworkDown)
        {
            // The end.
        }
    }

    private async Task ServeAsync(TcpSocket socket)
    {
        using (socket)
        {
            byte[] buffer = new byte[1500];
            int length = 0;
            while (length < 2 || length < 2 + BinaryPrimitives.ReadUInt16BigEndian(buffer))
            {
                int count = await socket.ReceiveAsync(buffer.AsMemory(length));
                if (count == 0)
                {
                    return;
                }

                length += count;
            }

            byte[] answer = Answer(buffer.AsSpan(2, length - 2), overTcp: true);
            await socket.SendAsync(Number((ushort)answer.Length)); // in two parts: the length may come alone
            await socket.SendAsync(answer);
            await socket.ReceiveAsync(buffer); // until the peer closes
        }
    }
}
