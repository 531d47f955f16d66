using System.Buffers.Binary;
using System.Text;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Proxy;

/// <summary>The client's half of SOCKS5 (RFC 1928, and RFC 1929 for a name and password), without input or output: bytes to be sent, and how many are to be received next, so that none of the peer's is read.</summary>
internal sealed class Socks5Dialogue
{
    private const byte Version = 5;
    private const byte PasswordVersion = 1;
    private const byte NoAuthentication = 0;
    private const byte Password = 2;
    private const byte ConnectCommand = 1;
    private const byte IPv4Type = 1;
    private const byte NameType = 3;
    private const byte IPv6Type = 4;
    private const int MethodReplyLength = 2;
    private const int ReplyHeaderLength = 5; // as far as the length of a name
    private const int PortLength = 2;
    private const int LongestReply = ReplyHeaderLength + byte.MaxValue + PortLength;

    private readonly SockAddr _destination;
    private readonly byte[] _credentials;
    private readonly byte[] _reply = new byte[LongestReply];
    private Step _step = Step.Method;
    private int _have;
    private int _need = MethodReplyLength;

    /// <summary>Begins.</summary>
    /// <param name="destination">Whom the proxy is to connect to.</param>
    /// <param name="credentials">Name, a colon, and password; empty: none.</param>
    public Socks5Dialogue(in SockAddr destination, string credentials)
    {
        _destination = destination;
        _credentials = Encoding.UTF8.GetBytes(credentials);
        ToSend = _credentials.Length == 0 ? new byte[] { Version, 1, NoAuthentication } : new byte[] { Version, 2, NoAuthentication, Password };
    }

    private enum Step
    {
        Method,
        Password,
        Reply,
        Done,
    }

    /// <summary>Bytes that are still to be sent.</summary>
    public ReadOnlyMemory<byte> ToSend { get; set; }

    /// <summary>Where the next bytes received go: never more than belong to the dialogue.</summary>
    public Span<byte> ToReceive => _reply.AsSpan(_have, _need - _have);

    /// <summary>The proxy has connected: what follows is the peer's.</summary>
    public bool IsDone => _step == Step.Done;

    /// <summary>Takes what was received into <see cref="ToReceive"/>.</summary>
    /// <param name="count">Bytes.</param>
    /// <returns>EPROTO: no SOCKS5; EACCES: no method in common, or a wrong password, or not allowed; else why the proxy could not connect.</returns>
    public Errno Received(int count)
    {
        _have += count;
        return _have < _need ? Errno.None : _step switch
        {
            Step.Method => MethodChosen(),
            Step.Password => PasswordAnswered(),
            _ => Replied(),
        };
    }

    private Errno MethodChosen()
    {
        if (_reply[0] != Version)
        {
            return Errno.EPROTO;
        }

        switch (_reply[1])
        {
            case NoAuthentication:
                Request();
                return Errno.None;
            case Password when _credentials.Length != 0:
                int colon = Array.IndexOf(_credentials, (byte)':');
                ReadOnlySpan<byte> name = _credentials.AsSpan(0, colon);
                ReadOnlySpan<byte> password = _credentials.AsSpan(colon + 1);
                ToSend = (byte[])[PasswordVersion, (byte)name.Length, .. name, (byte)password.Length, .. password]; // RFC 1929 §2
                Expect(Step.Password, MethodReplyLength);
                return Errno.None;
            case byte.MaxValue:
                return Errno.EACCES;
            default:
                return Errno.EPROTO; // it was not offered
        }
    }

    private Errno PasswordAnswered()
    {
        if (_reply[0] != PasswordVersion)
        {
            return Errno.EPROTO;
        }

        if (_reply[1] != 0)
        {
            return Errno.EACCES;
        }

        Request();
        return Errno.None;
    }

    // RFC 1928 §4
    private void Request()
    {
        bool isIPv4 = _destination.Address.IsIPv4;
        int length = isIPv4 ? IPv4Address.Length : IPv6Address.Length;
        byte[] request = new byte[4 + length + PortLength];
        (request[0], request[1], request[3]) = (Version, ConnectCommand, isIPv4 ? IPv4Type : IPv6Type);
        if (isIPv4)
        {
            _destination.Address.IPv4.Write(request.AsSpan(4));
        }
        else
        {
            _destination.Address.IPv6.Write(request.AsSpan(4));
        }

        BinaryPrimitives.WriteUInt16BigEndian(request.AsSpan(4 + length), _destination.Port);
        ToSend = request;
        Expect(Step.Reply, ReplyHeaderLength);
    }

    // RFC 1928 §6
    private Errno Replied()
    {
        if (_reply[0] != Version || _reply[2] != 0)
        {
            return Errno.EPROTO;
        }

        if (_reply[1] != 0)
        {
            return _reply[1] switch
            {
                1 => Errno.ECONNABORTED, // general failure
                2 => Errno.EACCES, // not allowed by the ruleset
                3 => Errno.ENETUNREACH,
                4 => Errno.EHOSTUNREACH,
                5 => Errno.ECONNREFUSED,
                6 => Errno.ETIMEDOUT, // TTL expired
                7 => Errno.EOPNOTSUPP,
                8 => Errno.EAFNOSUPPORT,
                _ => Errno.EPROTO,
            };
        }

        // The address from which the proxy connected: of no use here, but it has to be read.
        int address = _reply[3] switch
        {
            IPv4Type => IPv4Address.Length - 1, // its first byte is in the header
            IPv6Type => IPv6Address.Length - 1,
            NameType => _reply[4],
            _ => -1,
        };
        if (address < 0)
        {
            return Errno.EPROTO;
        }

        _need = ReplyHeaderLength + address + PortLength;
        _step = _have == _need ? Step.Done : Step.Reply;
        return Errno.None;
    }

    private void Expect(Step step, int need) => (_step, _need, _have) = (step, need, 0);
}
