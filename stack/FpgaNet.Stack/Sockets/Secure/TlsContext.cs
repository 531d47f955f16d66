using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FpgaNet.Stack.Sockets.Abi;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Stack.Sockets.Secure;

/// <summary>Settings and credentials as OpenSSL has them (<c>SSL_CTX</c>), for the sessions of one socket, or of one listener's connections. Immutable.</summary>
internal sealed unsafe class TlsContext
{
    private readonly OpenSsl.ContextHandle _handle;
    private bool _hasCertificate;

    private TlsContext(OpenSsl.ContextHandle handle, TlsSettings settings, bool isServer, bool isDatagram)
    {
        _handle = handle;
        (Settings, IsServer, IsDatagram) = (settings, isServer, isDatagram);
    }

    public OpenSsl.ContextHandle Handle => _handle;

    public TlsSettings Settings { get; }

    public bool IsServer { get; }

    public bool IsDatagram { get; }

    /// <summary>The key that both sides have; empty: none.</summary>
    public ReadOnlyMemory<byte> PreSharedKey { get; private set; }

    /// <summary>Its name.</summary>
    public ReadOnlyMemory<byte> PreSharedKeyIdentity { get; private set; }

    /// <summary>Puts one together.</summary>
    /// <param name="settings">What was set.</param>
    /// <param name="credentials">What the tags mean.</param>
    /// <param name="protocol">IPPROTO_TLS_1_2, IPPROTO_TLS_1_3 or IPPROTO_DTLS_1_2.</param>
    /// <param name="isServer">Our side.</param>
    /// <param name="context">Receives it.</param>
    /// <returns>ENOENT: a tag that nothing has; EINVAL: no certificate, no key, or a key to another certificate; ENOMEM.</returns>
    public static Errno Make(TlsSettings settings, TlsCredentials credentials, int protocol, bool isServer, out TlsContext? context)
    {
        context = null;
        bool isDatagram = protocol == IPPROTO_DTLS_1_2;
        int version = protocol switch
        {
            IPPROTO_TLS_1_3 => OpenSsl.VersionTls13,
            IPPROTO_DTLS_1_2 => OpenSsl.VersionDtls12,
            _ => OpenSsl.VersionTls12,
        };
        OpenSsl.ContextHandle handle = OpenSsl.SSL_CTX_new(isDatagram ? OpenSsl.DTLS_method() : OpenSsl.TLS_method());
        if (handle.IsInvalid)
        {
            return Errno.ENOMEM;
        }

        TlsContext made = new(handle, settings with { }, isServer, isDatagram);
        OpenSsl.SSL_CTX_ctrl(handle, OpenSsl.ControlSetMinimumVersion, version, 0);
        OpenSsl.SSL_CTX_ctrl(handle, OpenSsl.ControlSetMaximumVersion, version, 0);
        OpenSsl.SSL_CTX_ctrl(handle, OpenSsl.ControlMode, (nint)OpenSsl.ModePartialWriteMovingBufferReleaseBuffers, 0);
        OpenSsl.SSL_CTX_set_options(handle, OpenSsl.OptionNoRenegotiation | (isDatagram ? OpenSsl.OptionNoQueryMtu : 0));
        made.SetVerification();
        Errno error = Errno.None;
        foreach (int tag in settings.Tags)
        {
            error = error != Errno.None ? error : credentials.Has(tag) ? made.Use(credentials, tag) : Errno.ENOENT;
        }

        made.SetCallbacks();
        if (error == Errno.None && (made._hasCertificate || (isServer && made.PreSharedKey.IsEmpty)))
        {
            error = OpenSsl.SSL_CTX_check_private_key(handle) == 1 ? Errno.None : Errno.EINVAL; // a server must show who it is
            OpenSsl.ERR_clear_error();
        }

        if (error != Errno.None)
        {
            handle.Dispose();
            return error;
        }

        context = made;
        return Errno.None;
    }

    private void SetVerification()
    {
        int verify = Settings.PeerVerify ?? (IsServer ? TLS_PEER_VERIFY_NONE : TLS_PEER_VERIFY_REQUIRED);
        int mode = verify switch
        {
            TLS_PEER_VERIFY_NONE => OpenSsl.VerifyNone,
            TLS_PEER_VERIFY_OPTIONAL => OpenSsl.VerifyPeer,
            _ => OpenSsl.VerifyPeer | OpenSsl.VerifyFailIfNoCertificate,
        };
        OpenSsl.SSL_CTX_set_verify(_handle, mode, verify == TLS_PEER_VERIFY_OPTIONAL ? &AcceptAnyway : null);
        if (IsServer)
        {
            byte name = 1;
            OpenSsl.SSL_CTX_set_session_id_context(_handle, &name, 1); // sessions of servers that verify clients need one
        }
    }

    private void SetCallbacks()
    {
        if (!PreSharedKey.IsEmpty && IsServer)
        {
            OpenSsl.SSL_CTX_set_psk_server_callback(_handle, &FindKey);
        }
        else if (!PreSharedKey.IsEmpty)
        {
            OpenSsl.SSL_CTX_set_psk_client_callback(_handle, &OfferKey);
        }

        if (IsServer && Settings.Protocols.Length != 0)
        {
            OpenSsl.SSL_CTX_set_alpn_select_cb(_handle, &SelectProtocol, 0);
        }

        if (IsServer && IsDatagram)
        {
            OpenSsl.SSL_CTX_set_cookie_generate_cb(_handle, &MakeCookie);
            OpenSsl.SSL_CTX_set_cookie_verify_cb(_handle, &VerifyCookie);
        }
    }

    private Errno Use(TlsCredentials credentials, int tag)
    {
        Errno error = Errno.None;
        if (credentials.Get(tag, TlsCredentialType.CaCertificate, out ReadOnlyMemory<byte> bytes) == Errno.None)
        {
            nint store = OpenSsl.SSL_CTX_get_cert_store(_handle);
            error = EachCertificate(bytes.Span, (certificate, _) => OpenSsl.X509_STORE_add_cert(store, certificate) == 1);
        }

        if (error == Errno.None && credentials.Get(tag, TlsCredentialType.PublicCertificate, out bytes) == Errno.None)
        {
            _hasCertificate = true;
            error = EachCertificate(bytes.Span, (certificate, index) => index == 0 ? OpenSsl.SSL_CTX_use_certificate(_handle, certificate) == 1 : AddToChain(certificate));
        }

        if (error == Errno.None && credentials.Get(tag, TlsCredentialType.PrivateKey, out bytes) == Errno.None)
        {
            error = UseKey(bytes.Span);
        }

        if (credentials.Get(tag, TlsCredentialType.PreSharedKey, out bytes) == Errno.None)
        {
            PreSharedKey = bytes;
        }

        if (credentials.Get(tag, TlsCredentialType.PreSharedKeyIdentity, out bytes) == Errno.None)
        {
            PreSharedKeyIdentity = bytes;
        }

        OpenSsl.ERR_clear_error();
        return error;
    }

    // 1: with a reference of the chain's own (SSL_CTX_add1_chain_cert)
    private bool AddToChain(nint certificate) => OpenSsl.SSL_CTX_ctrl(_handle, OpenSsl.ControlChainCertificate, 1, certificate) == 1;

    private Errno UseKey(ReadOnlySpan<byte> bytes)
    {
        fixed (byte* start = bytes)
        {
            nint bio = OpenSsl.BIO_new_mem_buf(start, bytes.Length);
            nint key = IsPem(bytes) ? OpenSsl.PEM_read_bio_PrivateKey(bio, 0, 0, 0) : OpenSsl.d2i_PrivateKey_bio(bio, 0);
            OpenSsl.BIO_free(bio);
            if (key == 0)
            {
                return Errno.EINVAL;
            }

            bool fits = OpenSsl.SSL_CTX_use_PrivateKey(_handle, key) == 1;
            OpenSsl.EVP_PKEY_free(key);
            return fits ? Errno.None : Errno.EINVAL;
        }
    }

    private static Errno EachCertificate(ReadOnlySpan<byte> bytes, Func<nint, int, bool> use)
    {
        fixed (byte* start = bytes)
        {
            nint bio = OpenSsl.BIO_new_mem_buf(start, bytes.Length);
            bool isPem = IsPem(bytes);
            bool isGood = true;
            int count = 0;
            while (isGood)
            {
                nint certificate = isPem ? OpenSsl.PEM_read_bio_X509(bio, 0, 0, 0) : OpenSsl.d2i_X509_bio(bio, 0);
                if (certificate == 0)
                {
                    break;
                }

                isGood = use(certificate, count++);
                OpenSsl.X509_free(certificate);
            }

            OpenSsl.BIO_free(bio);
            return isGood && count > 0 ? Errno.None : Errno.EINVAL;
        }
    }

    private static bool IsPem(ReadOnlySpan<byte> bytes) => bytes.IndexOf("-----BEGIN"u8) >= 0;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int AcceptAnyway(int isGood, nint store) => 1;

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static uint OfferKey(nint ssl, byte* hint, byte* identity, uint identityRoom, byte* key, uint keyRoom)
    {
        if (TlsSession.Find(ssl) is not { Context: { } context } || context.PreSharedKeyIdentity.Length >= identityRoom || context.PreSharedKey.Length > keyRoom)
        {
            return 0;
        }

        context.PreSharedKeyIdentity.Span.CopyTo(new Span<byte>(identity, (int)identityRoom));
        identity[context.PreSharedKeyIdentity.Length] = 0;
        context.PreSharedKey.Span.CopyTo(new Span<byte>(key, (int)keyRoom));
        return (uint)context.PreSharedKey.Length;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static uint FindKey(nint ssl, byte* identity, byte* key, uint keyRoom)
    {
        if (TlsSession.Find(ssl) is not { Context: { } context } || context.PreSharedKey.Length > keyRoom
            || !MemoryMarshal.CreateReadOnlySpanFromNullTerminated(identity).SequenceEqual(context.PreSharedKeyIdentity.Span))
        {
            return 0;
        }

        context.PreSharedKey.Span.CopyTo(new Span<byte>(key, (int)keyRoom));
        return (uint)context.PreSharedKey.Length;
    }

    // RFC 7301 §3.2: the server's first that the client has too; none in common ends the handshake.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int SelectProtocol(nint ssl, byte** chosen, byte* chosenLength, byte* offered, uint offeredLength, nint argument)
    {
        ReadOnlySpan<byte> ours = TlsSession.Find(ssl) is { Context: { } context } ? context.Settings.Protocols : default;
        for (; !ours.IsEmpty; ours = ours[(1 + ours[0])..])
        {
            for (uint at = 0; at < offeredLength; at += 1u + offered[at])
            {
                ReadOnlySpan<byte> theirs = new(offered + at, 1 + offered[at]);
                if (at + 1 + offered[at] <= offeredLength && theirs.SequenceEqual(ours[..(1 + ours[0])]))
                {
                    *chosen = offered + at + 1;
                    *chosenLength = offered[at];
                    return OpenSsl.AlpnChosen;
                }
            }
        }

        return OpenSsl.AlpnRefused;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int MakeCookie(nint ssl, byte* cookie, uint* length)
    {
        ReadOnlySpan<byte> made = TlsSession.Find(ssl) is { } session ? session.Cookie : default;
        made.CopyTo(new Span<byte>(cookie, made.Length));
        *length = (uint)made.Length;
        return made.IsEmpty ? 0 : 1;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int VerifyCookie(nint ssl, byte* cookie, uint length) =>
        TlsSession.Find(ssl) is { } session && new ReadOnlySpan<byte>(cookie, (int)length).SequenceEqual(session.Cookie) ? 1 : 0;
}
