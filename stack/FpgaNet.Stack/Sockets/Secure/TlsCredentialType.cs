namespace FpgaNet.Stack.Sockets.Secure;

/// <summary>What a credential is (Zephyr's <c>enum tls_credential_type</c>, with its numbers).</summary>
public enum TlsCredentialType
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>A certificate that is trusted to sign others; in PEM perhaps several.</summary>
    CaCertificate = 1,

    /// <summary>Our own certificate; in PEM perhaps with those that signed it behind it.</summary>
    PublicCertificate = 2,

    /// <summary>The private key to our certificate.</summary>
    PrivateKey = 3,

    /// <summary>A key that both sides have (RFC 4279), as bytes.</summary>
    PreSharedKey = 4,

    /// <summary>The name of that key.</summary>
    PreSharedKeyIdentity = 5,
}
