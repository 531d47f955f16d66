using System.Buffers.Binary;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>Which side of Fast Open a stack takes (RFC 7413).</summary>
[Flags]
public enum FastOpenRole
{
    /// <summary>Neither.</summary>
    None = 0,

    /// <summary>Send data with a SYN when an application asks for it (<c>TcpSocket.ConnectFastAsync</c>).</summary>
    Client = 1,

    /// <summary>
    /// Give cookies, and take data with a SYN that has one. Such data may reach an application twice (RFC 7413 §6.3), so that every listener's requests must bear that.
    /// </summary>
    Server = 2,
}

/// <summary>
/// A server's Fast Open cookies (RFC 7413 §4.1.2): a keyed hash of the client's address. The key follows from a secret and the time; that of the period before still
/// counts, and who comes with it gets a new cookie.
/// </summary>
internal sealed class FastOpenCookies(TcpProtocol tcp, KeyedHash secret)
{
    private const byte KeyPurpose = 6;

    private long _period = -1;
    private KeyedHash? _current;
    private KeyedHash? _previous;

    public bool Serves => (tcp.Settings.FastOpen & FastOpenRole.Server) != FastOpenRole.None;

    /// <summary>The cookie of a client.</summary>
    public FastOpenCookie Make(IpAddress client)
    {
        Rotate();
        return Make(_current!, client);
    }

    /// <summary>Whether a client's cookie is one of ours.</summary>
    /// <param name="client">The client.</param>
    /// <param name="cookie">Its cookie.</param>
    /// <param name="isOld">It will not be for much longer.</param>
    public bool IsValid(IpAddress client, FastOpenCookie cookie, out bool isOld)
    {
        Rotate();
        isOld = cookie == Make(_previous!, client);
        return isOld || cookie == Make(_current!, client);
    }

    private static FastOpenCookie Make(KeyedHash key, IpAddress client)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, key.Compute([client.High, client.Low]));
        return new FastOpenCookie(bytes);
    }

    private void Rotate()
    {
        long period = tcp.Context.Now.Ticks / tcp.Settings.FastOpenKeyLifetime.Ticks;
        if (period != _period)
        {
            _period = period;
            _current = Key(period);
            _previous = Key(period - 1);
        }
    }

    private KeyedHash Key(long period) => new(new SipHash(
        secret.Compute(KeyPurpose, default, 0, default, 0, (ulong)period), secret.Compute(KeyPurpose, default, 1, default, 0, (ulong)period)));
}
