using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Secure;

/// <summary>What came of a step of a session.</summary>
internal enum TlsResult
{
    /// <summary>It is done.</summary>
    Done,

    /// <summary>More of the peer's bytes are needed.</summary>
    WantsInput,

    /// <summary>The peer has said that it sends no more (close_notify).</summary>
    Ended,

    /// <summary>The peer or its certificate was refused, or refused us, or broke the protocol. What is to be sent says why (an alert).</summary>
    Failed,
}

/// <summary>A session of TLS or DTLS in OpenSSL (<c>SSL</c>) between two memory buffers: bytes of the wire in and out, bytes of the program in and out; no socket. One thread at a time.</summary>
internal sealed unsafe class TlsSession : IDisposable
{
    /// <summary>Longest plain text of a record (RFC 8446 §5.1).</summary>
    public const int LongestRecord = 16384;

    private const int DatagramMtu = 1400;

    private readonly OpenSsl.SessionHandle _ssl;
    private readonly nint _incoming;
    private readonly nint _outgoing;

    private TlsSession(TlsContext context)
    {
        Context = context;
        _ssl = OpenSsl.SSL_new(context.Handle);
        _incoming = OpenSsl.BIO_new(OpenSsl.BIO_s_mem());
        _outgoing = OpenSsl.BIO_new(OpenSsl.BIO_s_mem());
    }

    /// <summary>Its settings.</summary>
    public TlsContext Context { get; }

    /// <summary>DTLS servers: what the client has to give back (RFC 6347 §4.2.1).</summary>
    public byte[] Cookie { get; set; } = [];

    /// <summary>Bytes for the program that are decrypted.</summary>
    public int Pending => OpenSsl.SSL_pending(_ssl);

    /// <summary>The cipher suite in use, by IANA's number; 0: none yet.</summary>
    public int CipherSuite => OpenSsl.SSL_get_current_cipher(_ssl) is var cipher && cipher == 0 ? 0 : OpenSsl.SSL_CIPHER_get_protocol_id(cipher);

    /// <summary>What verification said (X509_V_…); 0: it is good, or there was nothing to verify.</summary>
    public int VerifyResult => (int)OpenSsl.SSL_get_verify_result(_ssl);

    /// <summary>It goes on with an earlier session's keys.</summary>
    public bool IsResumed => OpenSsl.SSL_session_reused(_ssl) == 1;

    /// <summary>The protocol that was agreed on (RFC 7301); empty: none.</summary>
    public ReadOnlySpan<byte> Protocol
    {
        get
        {
            byte* name;
            uint length;
            OpenSsl.SSL_get0_alpn_selected(_ssl, &name, &length);
            return new ReadOnlySpan<byte>(name, (int)length);
        }
    }

    /// <summary>DTLS: how long until <see cref="HandleTimeout"/> is to be called; null: it waits for nothing.</summary>
    public TimeSpan? Timeout
    {
        get
        {
            long* time = stackalloc long[2];
            return OpenSsl.SSL_ctrl(_ssl, OpenSsl.ControlDtlsGetTimeout, 0, time) == 1 ? TimeSpan.FromSeconds(time[0]) + TimeSpan.FromMicroseconds(time[1]) : null;
        }
    }

    /// <summary>The session that OpenSSL calls back for; null: it is gone.</summary>
    public static TlsSession? Find(nint ssl) => GCHandle.FromIntPtr(OpenSsl.SSL_get_ex_data(ssl, 0)).Target as TlsSession;

    /// <summary>Begins one.</summary>
    /// <param name="context">Its settings.</param>
    /// <param name="peer">The peer's address, which its certificate must be for when no name was set.</param>
    /// <param name="session">Receives it.</param>
    /// <returns>EINVAL: no such name, or none of the cipher suites is known; ENOMEM.</returns>
    public static Errno Make(TlsContext context, in SockAddr peer, out TlsSession? session)
    {
        TlsSession made = new(context);
        Errno error = made.Prepare() && (context.IsServer || made.SetProtocols()) ? Errno.None : Errno.ENOMEM;
        if (error == Errno.None && !(made.SetCipherSuites() && (context.IsServer || made.SetPeerName(peer))))
        {
            error = Errno.EINVAL;
        }

        OpenSsl.ERR_clear_error();
        session = error == Errno.None ? made : null;
        if (error != Errno.None)
        {
            made.Dispose();
        }

        return error;
    }

    /// <summary>Takes bytes of the wire.</summary>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            if (!bytes.IsEmpty && OpenSsl.BIO_write(_incoming, start, bytes.Length) != bytes.Length)
            {
                throw new InvalidOperationException("OpenSSL has no memory for what was received.");
            }
        }
    }

    /// <summary>Gives bytes for the wire.</summary>
    /// <returns>How many.</returns>
    public int Drain(Span<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            return Math.Max(0, OpenSsl.BIO_read(_outgoing, start, bytes.Length));
        }
    }

    /// <summary>DTLS servers, before the handshake: answers a client's hello with a cookie, and keeps nothing of it.</summary>
    /// <returns>Whether what was fed is a hello with the right <see cref="Cookie"/>: then the handshake begins.</returns>
    public bool Listen()
    {
        OpenSsl.ERR_clear_error();
        nint client = OpenSsl.BIO_ADDR_new(); // who that is, a memory buffer cannot say
        int result = OpenSsl.DTLSv1_listen(_ssl, client);
        OpenSsl.BIO_ADDR_free(client);
        return result == 1;
    }

    public TlsResult Handshake()
    {
        OpenSsl.ERR_clear_error();
        return Result(OpenSsl.SSL_do_handshake(_ssl));
    }

    /// <summary>Decrypts.</summary>
    /// <param name="buffer">Receives bytes; not empty.</param>
    /// <param name="peeks">They stay.</param>
    /// <param name="count">Receives how many.</param>
    public TlsResult Read(Span<byte> buffer, bool peeks, out int count)
    {
        OpenSsl.ERR_clear_error();
        fixed (byte* start = buffer)
        {
            int result = peeks ? OpenSsl.SSL_peek(_ssl, start, buffer.Length) : OpenSsl.SSL_read(_ssl, start, buffer.Length);
            count = Math.Max(0, result);
            return Result(result);
        }
    }

    /// <summary>Encrypts one record.</summary>
    /// <param name="bytes">At most <see cref="LongestRecord"/>; not empty.</param>
    /// <param name="count">Receives how many were taken.</param>
    public TlsResult Write(ReadOnlySpan<byte> bytes, out int count)
    {
        OpenSsl.ERR_clear_error();
        fixed (byte* start = bytes)
        {
            int result = OpenSsl.SSL_write(_ssl, start, bytes.Length);
            count = Math.Max(0, result);
            return Result(result);
        }
    }

    /// <summary>Says that we send no more (close_notify).</summary>
    public void End()
    {
        OpenSsl.ERR_clear_error();
        _ = OpenSsl.SSL_shutdown(_ssl);
        OpenSsl.ERR_clear_error();
    }

    /// <summary>DTLS: sends again what was not answered in time.</summary>
    /// <returns>False: it was sent too often.</returns>
    public bool HandleTimeout()
    {
        OpenSsl.ERR_clear_error();
        return OpenSsl.SSL_ctrl(_ssl, OpenSsl.ControlDtlsHandleTimeout, 0, null) >= 0;
    }

    /// <summary>The wait was so long that a longer one is not wanted.</summary>
    public bool IsOverdue { get; private set; }

    /// <summary>The session as a later one may go on with it; the caller frees it. 0: none.</summary>
    public nint TakeResumption() => OpenSsl.SSL_get1_session(_ssl);

    /// <summary>Goes on with an earlier session, if the server likes.</summary>
    public void Resume(nint resumption) => _ = OpenSsl.SSL_set_session(_ssl, resumption);

    /// <inheritdoc/>
    public void Dispose() => _ssl.Dispose();

    // RFC 6347 §4.2.4.1: from the first wait on, twice as long each time.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static uint NextTimeout(nint ssl, uint microseconds)
    {
        if (Find(ssl) is not { } session)
        {
            return microseconds;
        }

        TlsSettings settings = session.Context.Settings;
        double next = microseconds == 0 ? settings.FirstTimeout.TotalMicroseconds : 2.0 * microseconds;
        session.IsOverdue = next > settings.LastTimeout.TotalMicroseconds;
        return (uint)Math.Min(next, uint.MaxValue);
    }

    private TlsResult Result(int result)
    {
        if (result > 0)
        {
            return TlsResult.Done;
        }

        return OpenSsl.SSL_get_error(_ssl, result) switch
        {
            OpenSsl.ErrorWantRead or OpenSsl.ErrorWantWrite => TlsResult.WantsInput,
            OpenSsl.ErrorZeroReturn => TlsResult.Ended,
            _ => TlsResult.Failed,
        };
    }

    private bool Prepare()
    {
        if (_ssl.IsInvalid || _incoming == 0 || _outgoing == 0)
        {
            return false;
        }

        OpenSsl.SSL_set_bio(_ssl, _incoming, _outgoing); // which are OpenSSL's from now on
        _ssl.Owner = GCHandle.Alloc(this, GCHandleType.Weak);
        if (Context.IsServer)
        {
            OpenSsl.SSL_set_accept_state(_ssl);
        }
        else
        {
            OpenSsl.SSL_set_connect_state(_ssl);
        }

        if (Context.IsDatagram)
        {
            OpenSsl.SSL_ctrl(_ssl, OpenSsl.ControlSetMtu, DatagramMtu, null);
            OpenSsl.DTLS_set_timer_cb(_ssl, &NextTimeout);
        }

        return OpenSsl.SSL_set_ex_data(_ssl, 0, GCHandle.ToIntPtr(_ssl.Owner)) == 1;
    }

    private bool SetProtocols()
    {
        byte[] protocols = Context.Settings.Protocols;
        fixed (byte* start = protocols)
        {
            return protocols.Length == 0 || OpenSsl.SSL_set_alpn_protos(_ssl, start, (uint)protocols.Length) == 0; // 0 is success here
        }
    }

    private bool SetCipherSuites()
    {
        List<string> older = [];
        List<string> newer = [];
        byte* number = stackalloc byte[2];
        foreach (int suite in Context.Settings.CipherSuites)
        {
            (number[0], number[1]) = ((byte)(suite >> 8), (byte)suite);
            nint cipher = OpenSsl.SSL_CIPHER_find(_ssl, number);
            if (cipher != 0)
            {
                (suite >> 8 == 0x13 ? newer : older).Add(Marshal.PtrToStringUTF8((nint)OpenSsl.SSL_CIPHER_get_name(cipher))!); // 0x13..: TLS 1.3's
            }
        }

        return (Context.Settings.CipherSuites.Length == 0 || older.Count + newer.Count > 0)
            && (older.Count == 0 || OpenSsl.SSL_set_cipher_list(_ssl, string.Join(':', older)) == 1)
            && (newer.Count == 0 || OpenSsl.SSL_set_ciphersuites(_ssl, string.Join(':', newer)) == 1);
    }

    private bool SetPeerName(in SockAddr peer)
    {
        if (Context.Settings.HostName is { Length: > 0 } name)
        {
            fixed (byte* text = Encoding.UTF8.GetBytes(name + '\0'))
            {
                return OpenSsl.SSL_ctrl(_ssl, OpenSsl.ControlSetHostName, 0, text) == 1 && OpenSsl.SSL_set1_host(_ssl, name) == 1; // RFC 6066 §3
            }
        }

        if (Context.Settings.HostName is not null)
        {
            return true; // whatever name it has
        }

        Span<byte> address = stackalloc byte[IPv6Address.Length];
        bool isIPv4 = peer.Address.IsIPv4;
        if (isIPv4)
        {
            peer.Address.IPv4.Write(address);
        }
        else
        {
            peer.Address.IPv6.Write(address);
        }

        fixed (byte* start = address)
        {
            return OpenSsl.X509_VERIFY_PARAM_set1_ip(OpenSsl.SSL_get0_param(_ssl), start, (nuint)(isIPv4 ? IPv4Address.Length : IPv6Address.Length)) == 1;
        }
    }
}
