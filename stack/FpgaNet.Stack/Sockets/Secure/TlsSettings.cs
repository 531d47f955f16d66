using System.Runtime.InteropServices;
using System.Text;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Stack.Sockets.Secure;

/// <summary>What a program set at the level SOL_TLS. Values are Zephyr's, but that TLS_ALPN_LIST is names ended by a zero byte each, not pointers to them.</summary>
internal sealed record TlsSettings
{
    private const int LongestName = 255;

    /// <summary>TLS_SEC_TAG_LIST.</summary>
    public int[] Tags { get; private set; } = [];

    /// <summary>TLS_HOSTNAME; empty: the peer's name is not checked; null: it was not set, and the certificate must be for the peer's address.</summary>
    public string? HostName { get; private set; }

    /// <summary>TLS_CIPHERSUITE_LIST, by IANA's numbers; empty: OpenSSL's choice.</summary>
    public int[] CipherSuites { get; private set; } = [];

    /// <summary>TLS_PEER_VERIFY; null: clients do, servers do not.</summary>
    public int? PeerVerify { get; private set; }

    /// <summary>TLS_DTLS_ROLE is TLS_DTLS_ROLE_SERVER.</summary>
    public bool IsDatagramServer { get; private set; }

    /// <summary>TLS_ALPN_LIST in the layout of RFC 7301 §3.1: a length in front of each name.</summary>
    public byte[] Protocols { get; private set; } = [];

    /// <summary>TLS_DTLS_HANDSHAKE_TIMEOUT_MIN: the first wait for an answer, which doubles.</summary>
    public TimeSpan FirstTimeout { get; private set; } = TimeSpan.FromSeconds(1);

    /// <summary>TLS_DTLS_HANDSHAKE_TIMEOUT_MAX: once a wait would be longer the handshake ends.</summary>
    public TimeSpan LastTimeout { get; private set; } = TimeSpan.FromSeconds(60);

    /// <summary>TLS_SESSION_CACHE.</summary>
    public bool CachesSession { get; private set; }

    /// <summary>TLS_DTLS_HANDSHAKE_ON_CONNECT.</summary>
    public bool ShakesHandsOnConnect { get; private set; } = true;

    /// <summary>setsockopt.</summary>
    /// <returns>EINVAL: no such value; ENOPROTOOPT: no such option, or one that can only be read.</returns>
    public Errno Set(int name, ReadOnlySpan<byte> value, bool isDatagram)
    {
        switch (name)
        {
            case TLS_SEC_TAG_LIST or TLS_CIPHERSUITE_LIST:
                if (value.Length % sizeof(int) != 0)
                {
                    return Errno.EINVAL;
                }

                int[] numbers = MemoryMarshal.Cast<byte, int>(value).ToArray();
                (Tags, CipherSuites) = name == TLS_SEC_TAG_LIST ? (numbers, CipherSuites) : (Tags, numbers);
                return Errno.None;
            case TLS_HOSTNAME:
                if (value.Length > LongestName + 1)
                {
                    return Errno.EINVAL;
                }

                HostName = Encoding.UTF8.GetString(value.TrimEnd((byte)0));
                return HostName.Contains('\0', StringComparison.Ordinal) ? Errno.EINVAL : Errno.None;
            case TLS_ALPN_LIST:
                return SetProtocols(value);
        }

        if (name is TLS_DTLS_ROLE or TLS_DTLS_HANDSHAKE_TIMEOUT_MIN or TLS_DTLS_HANDSHAKE_TIMEOUT_MAX or TLS_DTLS_HANDSHAKE_ON_CONNECT && !isDatagram)
        {
            return Errno.ENOPROTOOPT;
        }

        Errno error = OptionValue.TryRead(value, out int number);
        if (error != Errno.None)
        {
            return error;
        }

        switch (name)
        {
            case TLS_PEER_VERIFY when number is TLS_PEER_VERIFY_NONE or TLS_PEER_VERIFY_OPTIONAL or TLS_PEER_VERIFY_REQUIRED:
                PeerVerify = number;
                return Errno.None;
            case TLS_DTLS_ROLE when number is TLS_DTLS_ROLE_CLIENT or TLS_DTLS_ROLE_SERVER:
                IsDatagramServer = number == TLS_DTLS_ROLE_SERVER;
                return Errno.None;
            case TLS_DTLS_HANDSHAKE_TIMEOUT_MIN when number > 0:
                FirstTimeout = TimeSpan.FromMilliseconds(number);
                return Errno.None;
            case TLS_DTLS_HANDSHAKE_TIMEOUT_MAX when number > 0:
                LastTimeout = TimeSpan.FromMilliseconds(number);
                return Errno.None;
            case TLS_DTLS_HANDSHAKE_ON_CONNECT when number is 0 or 1:
                ShakesHandsOnConnect = number == 1;
                return Errno.None;
            case TLS_SESSION_CACHE when number is 0 or 1:
                CachesSession = number == 1;
                return Errno.None;
            case TLS_NATIVE when number is 0 or 1:
                return Errno.None; // the dispatcher's business, and this is native
            case TLS_CERT_NOCOPY when number is 0 or 1:
                return Errno.None; // OpenSSL copies always
            case TLS_PEER_VERIFY or TLS_DTLS_ROLE or TLS_DTLS_HANDSHAKE_TIMEOUT_MIN or TLS_DTLS_HANDSHAKE_TIMEOUT_MAX or TLS_DTLS_HANDSHAKE_ON_CONNECT or TLS_SESSION_CACHE or TLS_NATIVE or TLS_CERT_NOCOPY:
                return Errno.EINVAL;
            default:
                return Errno.ENOPROTOOPT;
        }
    }

    /// <summary>getsockopt of what was set.</summary>
    /// <returns>ENOPROTOOPT: no such option, or one that can only be written.</returns>
    public Errno Get(int name, Span<byte> value, out int length)
    {
        length = 0;
        return name switch
        {
            TLS_SEC_TAG_LIST => OptionValue.Write(value, MemoryMarshal.AsBytes<int>(Tags), out length),
            TLS_CIPHERSUITE_LIST => OptionValue.Write(value, MemoryMarshal.AsBytes<int>(CipherSuites), out length),
            TLS_DTLS_ROLE => OptionValue.Write(value, IsDatagramServer ? TLS_DTLS_ROLE_SERVER : TLS_DTLS_ROLE_CLIENT, out length),
            TLS_DTLS_HANDSHAKE_TIMEOUT_MIN => OptionValue.Write(value, (int)FirstTimeout.TotalMilliseconds, out length),
            TLS_DTLS_HANDSHAKE_TIMEOUT_MAX => OptionValue.Write(value, (int)LastTimeout.TotalMilliseconds, out length),
            TLS_SESSION_CACHE => OptionValue.Write(value, CachesSession ? 1 : 0, out length),
            _ => Errno.ENOPROTOOPT,
        };
    }

    private Errno SetProtocols(ReadOnlySpan<byte> value)
    {
        List<byte> names = [];
        while (!value.IsEmpty)
        {
            int end = value.IndexOf((byte)0);
            ReadOnlySpan<byte> name = end < 0 ? value : value[..end];
            if (name.IsEmpty || name.Length > byte.MaxValue)
            {
                return Errno.EINVAL;
            }

            names.Add((byte)name.Length);
            names.AddRange(name);
            value = end < 0 ? default : value[(end + 1)..];
        }

        Protocols = [.. names];
        return Errno.None;
    }
}
