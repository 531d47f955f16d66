using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Secure;

namespace FpgaNet.Sockets.Tests.Secure;

/// <summary>An authority, and a certificate of the server <c>server.test</c> and of a client that it signed; and another authority that nobody trusts.</summary>
internal static class TestCertificates
{
    public const int Tag = 7;
    public const int ServerTag = 8;
    public const int ClientTag = 9;
    public const int StrangerTag = 10;
    public const int KeyTag = 11;
    public const string ServerName = "server.test";

    private static readonly Lazy<Set> s_set = new(static () => new Set());

    /// <summary>All of them as the tags above.</summary>
    public static void AddTo(TlsCredentials credentials)
    {
        Set set = s_set.Value;
        Add(credentials, Tag, TlsCredentialType.CaCertificate, set.Authority.ExportCertificatePem());
        Add(credentials, ServerTag, TlsCredentialType.PublicCertificate, set.Server.ExportCertificatePem());
        Add(credentials, ServerTag, TlsCredentialType.PrivateKey, Key(set.Server));
        Assert.AreEqual(Errno.None, credentials.Add(ClientTag, TlsCredentialType.PublicCertificate, set.Client.RawData)); // in DER
        Assert.AreEqual(Errno.None, credentials.Add(ClientTag, TlsCredentialType.PrivateKey, set.Client.GetECDsaPrivateKey()!.ExportPkcs8PrivateKey()));
        Add(credentials, StrangerTag, TlsCredentialType.CaCertificate, set.Stranger.ExportCertificatePem());
        Add(credentials, StrangerTag, TlsCredentialType.PublicCertificate, set.Stranger.ExportCertificatePem());
        Add(credentials, StrangerTag, TlsCredentialType.PrivateKey, Key(set.Stranger));
        Add(credentials, KeyTag, TlsCredentialType.PreSharedKey, "0123456789abcdef");
        Add(credentials, KeyTag, TlsCredentialType.PreSharedKeyIdentity, "someone");
    }

    /// <summary>Files for programs: <c>ca.pem</c>, <c>server.pem</c> and <c>client.pem</c> with their keys.</summary>
    public static string WriteTo(string folder)
    {
        Set set = s_set.Value;
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "ca.pem"), set.Authority.ExportCertificatePem());
        File.WriteAllText(Path.Combine(folder, "server.pem"), set.Server.ExportCertificatePem() + "\n" + Key(set.Server));
        File.WriteAllText(Path.Combine(folder, "client.pem"), set.Client.ExportCertificatePem() + "\n" + Key(set.Client));
        return folder;
    }

    private static void Add(TlsCredentials credentials, int tag, TlsCredentialType type, string text) => Assert.AreEqual(Errno.None, credentials.Add(tag, type, Encoding.ASCII.GetBytes(text)));

    private static string Key(X509Certificate2 certificate) => certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem();

    private sealed class Set
    {
        private readonly DateTimeOffset _from = DateTimeOffset.UtcNow.AddDays(-1);
        private readonly DateTimeOffset _to = DateTimeOffset.UtcNow.AddDays(30);

        public Set()
        {
            Authority = MakeAuthority("CN=FpgaNet test authority");
            Stranger = MakeAuthority("CN=server.test");
            Server = MakeSigned(ServerName, 2);
            Client = MakeSigned("client.test", 3);
        }

        public X509Certificate2 Authority { get; }

        public X509Certificate2 Stranger { get; }

        public X509Certificate2 Server { get; }

        public X509Certificate2 Client { get; }

        private X509Certificate2 MakeAuthority(string name)
        {
            using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            CertificateRequest request = new(name, key, HashAlgorithmName.SHA256);
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
            request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
            AddNames(request, ServerName);
            return request.CreateSelfSigned(_from, _to);
        }

        private X509Certificate2 MakeSigned(string name, byte number)
        {
            using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
            AddNames(request, name);
            return request.Create(Authority, _from, _to, [number]).CopyWithPrivateKey(key);
        }

        private static void AddNames(CertificateRequest request, string name)
        {
            SubjectAlternativeNameBuilder names = new();
            names.AddDnsName(name);
            names.AddIpAddress(IPAddress.Parse("192.0.2.2"));
            names.AddIpAddress(IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
        }
    }
}
