using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace FpgaNet.Stack.Sockets.Secure;

/// <summary>What of OpenSSL 3 is used here, as its headers declare it. Unsafe: raw pointers, which <see cref="TlsContext"/> and <see cref="TlsSession"/> alone hold.</summary>
internal static unsafe partial class OpenSsl
{
    public const int ErrorWantRead = 2;
    public const int ErrorWantWrite = 3;
    public const int ErrorZeroReturn = 6;

    public const int VersionTls12 = 0x0303;
    public const int VersionTls13 = 0x0304;
    public const int VersionDtls12 = 0xFEFD;

    public const int ControlSetMtu = 17;
    public const int ControlMode = 33;
    public const int ControlSetHostName = 55;
    public const int ControlChainCertificate = 89;
    public const int ControlDtlsGetTimeout = 73;
    public const int ControlDtlsHandleTimeout = 74;
    public const int ControlSetMinimumVersion = 123;
    public const int ControlSetMaximumVersion = 124;

    public const long ModePartialWriteMovingBufferReleaseBuffers = 0x1 | 0x2 | 0x10;

    public const ulong OptionNoQueryMtu = 1UL << 12;
    public const ulong OptionNoRenegotiation = 1UL << 30;

    public const int VerifyNone = 0;
    public const int VerifyPeer = 1;
    public const int VerifyFailIfNoCertificate = 2;

    public const int AlpnChosen = 0;
    public const int AlpnRefused = 2;

    private const string Library = "libssl.so.3";
    private const string Crypto = "libcrypto.so.3";

    /// <summary>OpenSSL 3 is on this machine.</summary>
    public static bool IsAvailable { get; } = NativeLibrary.TryLoad(Library, out _) && NativeLibrary.TryLoad(Crypto, out _);

    /// <summary>An <c>SSL_CTX</c>.</summary>
    public sealed class ContextHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        protected override bool ReleaseHandle()
        {
            SSL_CTX_free(handle);
            return true;
        }
    }

    /// <summary>An <c>SSL</c>, with its two memory BIOs and the weak reference through which callbacks find its <see cref="TlsSession"/>.</summary>
    public sealed class SessionHandle() : SafeHandleZeroOrMinusOneIsInvalid(ownsHandle: true)
    {
        public GCHandle Owner { get; set; }

        protected override bool ReleaseHandle()
        {
            SSL_free(handle);
            if (Owner.IsAllocated)
            {
                Owner.Free();
            }

            return true;
        }
    }

#pragma warning disable IDE1006, SYSLIB1054, CA5392 // names and search path are those of the C library
    [LibraryImport(Library)]
    public static partial nint TLS_method();

    [LibraryImport(Library)]
    public static partial nint DTLS_method();

    [LibraryImport(Library)]
    public static partial ContextHandle SSL_CTX_new(nint method);

    [LibraryImport(Library)]
    private static partial void SSL_CTX_free(nint context);

    [LibraryImport(Library)]
    public static partial nint SSL_CTX_ctrl(ContextHandle context, int command, nint number, nint pointer);

    [LibraryImport(Library)]
    public static partial ulong SSL_CTX_set_options(ContextHandle context, ulong options);

    [LibraryImport(Library)]
    public static partial void SSL_CTX_set_verify(ContextHandle context, int mode, delegate* unmanaged[Cdecl]<int, nint, int> callback);

    [LibraryImport(Library)]
    public static partial nint SSL_CTX_get_cert_store(ContextHandle context);

    [LibraryImport(Library)]
    public static partial int SSL_CTX_use_certificate(ContextHandle context, nint certificate);

    [LibraryImport(Library)]
    public static partial int SSL_CTX_use_PrivateKey(ContextHandle context, nint key);

    [LibraryImport(Library)]
    public static partial int SSL_CTX_check_private_key(ContextHandle context);

    [LibraryImport(Library)]
    public static partial int SSL_CTX_set_session_id_context(ContextHandle context, byte* name, uint length);

    [LibraryImport(Library)]
    public static partial void SSL_CTX_set_psk_client_callback(ContextHandle context, delegate* unmanaged[Cdecl]<nint, byte*, byte*, uint, byte*, uint, uint> callback);

    [LibraryImport(Library)]
    public static partial void SSL_CTX_set_psk_server_callback(ContextHandle context, delegate* unmanaged[Cdecl]<nint, byte*, byte*, uint, uint> callback);

    [LibraryImport(Library)]
    public static partial void SSL_CTX_set_alpn_select_cb(ContextHandle context, delegate* unmanaged[Cdecl]<nint, byte**, byte*, byte*, uint, nint, int> callback, nint argument);

    [LibraryImport(Library)]
    public static partial void SSL_CTX_set_cookie_generate_cb(ContextHandle context, delegate* unmanaged[Cdecl]<nint, byte*, uint*, int> callback);

    [LibraryImport(Library)]
    public static partial void SSL_CTX_set_cookie_verify_cb(ContextHandle context, delegate* unmanaged[Cdecl]<nint, byte*, uint, int> callback);

    [LibraryImport(Library)]
    public static partial SessionHandle SSL_new(ContextHandle context);

    [LibraryImport(Library)]
    private static partial void SSL_free(nint session);

    [LibraryImport(Library)]
    public static partial void SSL_set_bio(SessionHandle session, nint read, nint write);

    [LibraryImport(Library)]
    public static partial int SSL_set_ex_data(SessionHandle session, int index, nint value);

    [LibraryImport(Library)]
    public static partial nint SSL_get_ex_data(nint session, int index);

    [LibraryImport(Library)]
    public static partial void SSL_set_connect_state(SessionHandle session);

    [LibraryImport(Library)]
    public static partial void SSL_set_accept_state(SessionHandle session);

    [LibraryImport(Library)]
    public static partial int SSL_do_handshake(SessionHandle session);

    [LibraryImport(Library)]
    public static partial int SSL_read(SessionHandle session, byte* buffer, int length);

    [LibraryImport(Library)]
    public static partial int SSL_peek(SessionHandle session, byte* buffer, int length);

    [LibraryImport(Library)]
    public static partial int SSL_write(SessionHandle session, byte* buffer, int length);

    [LibraryImport(Library)]
    public static partial int SSL_shutdown(SessionHandle session);

    [LibraryImport(Library)]
    public static partial int SSL_get_error(SessionHandle session, int result);

    [LibraryImport(Library)]
    public static partial int SSL_pending(SessionHandle session);

    [LibraryImport(Library)]
    public static partial nint SSL_ctrl(SessionHandle session, int command, nint number, void* pointer);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SSL_set1_host(SessionHandle session, string name);

    [LibraryImport(Library)]
    public static partial nint SSL_get0_param(SessionHandle session);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SSL_set_cipher_list(SessionHandle session, string names);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SSL_set_ciphersuites(SessionHandle session, string names);

    [LibraryImport(Library)]
    public static partial nint SSL_CIPHER_find(SessionHandle session, byte* number);

    [LibraryImport(Library)]
    public static partial byte* SSL_CIPHER_get_name(nint cipher);

    [LibraryImport(Library)]
    public static partial ushort SSL_CIPHER_get_protocol_id(nint cipher);

    [LibraryImport(Library)]
    public static partial nint SSL_get_current_cipher(SessionHandle session);

    [LibraryImport(Library)]
    public static partial int SSL_set_alpn_protos(SessionHandle session, byte* names, uint length);

    [LibraryImport(Library)]
    public static partial void SSL_get0_alpn_selected(SessionHandle session, byte** name, uint* length);

    [LibraryImport(Library)]
    public static partial nint SSL_get_verify_result(SessionHandle session);

    [LibraryImport(Library)]
    public static partial nint SSL_get1_session(SessionHandle session);

    [LibraryImport(Library)]
    public static partial int SSL_set_session(SessionHandle session, nint resumed);

    [LibraryImport(Library)]
    public static partial int SSL_session_reused(SessionHandle session);

    [LibraryImport(Library)]
    public static partial void SSL_SESSION_free(nint resumed);

    [LibraryImport(Library)]
    public static partial int DTLSv1_listen(SessionHandle session, nint client);

    [LibraryImport(Crypto)]
    public static partial nint BIO_ADDR_new();

    [LibraryImport(Crypto)]
    public static partial void BIO_ADDR_free(nint address);

    [LibraryImport(Library)]
    public static partial void DTLS_set_timer_cb(SessionHandle session, delegate* unmanaged[Cdecl]<nint, uint, uint> callback);

    [LibraryImport(Crypto)]
    public static partial int X509_VERIFY_PARAM_set1_ip(nint parameters, byte* address, nuint length);

    [LibraryImport(Crypto)]
    public static partial nint BIO_s_mem();

    [LibraryImport(Crypto)]
    public static partial nint BIO_new(nint method);

    [LibraryImport(Crypto)]
    public static partial nint BIO_new_mem_buf(byte* bytes, int length);

    [LibraryImport(Crypto)]
    public static partial void BIO_free(nint bio);

    [LibraryImport(Crypto)]
    public static partial int BIO_read(nint bio, byte* buffer, int length);

    [LibraryImport(Crypto)]
    public static partial int BIO_write(nint bio, byte* buffer, int length);

    [LibraryImport(Crypto)]
    public static partial nint PEM_read_bio_X509(nint bio, nint reuse, nint callback, nint argument);

    [LibraryImport(Crypto)]
    public static partial nint PEM_read_bio_PrivateKey(nint bio, nint reuse, nint callback, nint argument);

    [LibraryImport(Crypto)]
    public static partial nint d2i_X509_bio(nint bio, nint reuse);

    [LibraryImport(Crypto)]
    public static partial nint d2i_PrivateKey_bio(nint bio, nint reuse);

    [LibraryImport(Crypto)]
    public static partial int X509_STORE_add_cert(nint store, nint certificate);

    [LibraryImport(Crypto)]
    public static partial void X509_free(nint certificate);

    [LibraryImport(Crypto)]
    public static partial void EVP_PKEY_free(nint key);

    [LibraryImport(Crypto)]
    public static partial void ERR_clear_error();
#pragma warning restore IDE1006, SYSLIB1054, CA5392
}
