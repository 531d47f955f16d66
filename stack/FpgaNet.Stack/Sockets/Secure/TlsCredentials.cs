using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Secure;

/// <summary>Certificates and keys of a host, by tag: what TLS_SEC_TAG_LIST means (Zephyr's <c>tls_credential_add</c> and its like). PEM or DER. It may be used from any thread.</summary>
public sealed class TlsCredentials
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(int Tag, TlsCredentialType Type), byte[]> _credentials = [];

    /// <summary>Adds a credential (tls_credential_add).</summary>
    /// <param name="tag">Its tag; several types may share one.</param>
    /// <param name="type">What it is.</param>
    /// <param name="bytes">Its bytes, which are copied.</param>
    /// <returns>EEXIST: tag and type are there already; EINVAL: no type, or no bytes.</returns>
    public Errno Add(int tag, TlsCredentialType type, ReadOnlySpan<byte> bytes)
    {
        if (type is <= TlsCredentialType.None or > TlsCredentialType.PreSharedKeyIdentity || bytes.IsEmpty)
        {
            return Errno.EINVAL;
        }

        lock (_gate)
        {
            return _credentials.TryAdd((tag, type), bytes.ToArray()) ? Errno.None : Errno.EEXIST;
        }
    }

    /// <summary>Takes a credential away (tls_credential_delete); sessions that have it keep it.</summary>
    /// <param name="tag">Its tag.</param>
    /// <param name="type">What it is.</param>
    /// <returns>ENOENT: there is none.</returns>
    public Errno Delete(int tag, TlsCredentialType type)
    {
        lock (_gate)
        {
            return _credentials.Remove((tag, type)) ? Errno.None : Errno.ENOENT;
        }
    }

    /// <summary>Finds a credential (tls_credential_get).</summary>
    /// <param name="tag">Its tag.</param>
    /// <param name="type">What it is.</param>
    /// <param name="bytes">Receives its bytes.</param>
    /// <returns>ENOENT: there is none.</returns>
    public Errno Get(int tag, TlsCredentialType type, out ReadOnlyMemory<byte> bytes)
    {
        lock (_gate)
        {
            bool isThere = _credentials.TryGetValue((tag, type), out byte[]? found);
            bytes = found;
            return isThere ? Errno.None : Errno.ENOENT;
        }
    }

    /// <summary>Whether anything has a tag.</summary>
    /// <param name="tag">The tag.</param>
    internal bool Has(int tag)
    {
        lock (_gate)
        {
            return _credentials.Keys.Any(key => key.Tag == tag);
        }
    }
}
