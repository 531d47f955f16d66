using System.Runtime.InteropServices;
using System.Text;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Names;

namespace FpgaNet.Sockets.Tests.Names;

/// <summary>The C library's own answers about names and addresses (glibc, 64-bit).</summary>
#pragma warning disable CS0649, IDE1006 // the library writes them; C's names
internal static unsafe partial class LibcNames
{
    private const string Library = "libc";

    /// <summary>inet_pton: null when it is no address.</summary>
    public static byte[]? Pton(SocketDomain domain, string text)
    {
        byte[] address = new byte[domain == SocketDomain.AF_INET ? 4 : 16];
        fixed (byte* source = Zero(text), destination = address)
        {
            return inet_pton((int)domain, source, destination) == 1 ? address : null;
        }
    }

    public static string Ntop(SocketDomain domain, byte[] address)
    {
        byte* text = stackalloc byte[64];
        fixed (byte* source = address)
        {
            return Marshal.PtrToStringUTF8((nint)inet_ntop((int)domain, source, text, 64))!;
        }
    }

    /// <summary>inet_aton: null when it is no address.</summary>
    public static uint? Aton(string text)
    {
        uint address;
        fixed (byte* source = Zero(text))
        {
            return inet_aton(source, &address) != 0 ? address : null;
        }
    }

    /// <summary>getaddrinfo, written as <see cref="Describe"/> does.</summary>
    public static string GetAddrInfo(string? node, string? service, AddrInfo? hints)
    {
        Info asked = hints is null ? default : new Info { Flags = (int)hints.Flags, Family = (int)hints.Family, Kind = (int)hints.Kind, Protocol = hints.Protocol };
        Info* first = null;
        fixed (byte* nodeText = node is null ? null : Zero(node), serviceText = service is null ? null : Zero(service))
        {
            int error = getaddrinfo(nodeText, serviceText, hints is null ? null : &asked, &first);
            if (error != 0)
            {
                return $"{(GaiError)error}";
            }
        }

        StringBuilder text = new();
        for (Info* each = first; each is not null; each = each->Next)
        {
            Assert.AreEqual(Errno.None, SockAddr.TryRead(new ReadOnlySpan<byte>(each->Address, each->AddressLength), out SockAddr address));
            text.Append(Describe((SocketDomain)each->Family, (SocketKind)each->Kind, each->Protocol, address, Marshal.PtrToStringUTF8((nint)each->CanonicalName)));
        }

        freeaddrinfo(first);
        return text.ToString();
    }

    /// <summary>getnameinfo: error, host, service.</summary>
    public static (GaiError Error, string Host, string Service) GetNameInfo(SockAddr address, int hostLength, int serviceLength, NameInfoFlags flags)
    {
        byte[] bytes = new byte[SockAddr.MaximumLength];
        int length = address.Write(bytes);
        byte* host = stackalloc byte[256];
        byte* service = stackalloc byte[256];
        host[0] = service[0] = 0;
        fixed (byte* source = bytes)
        {
            int error = getnameinfo(source, length, hostLength == 0 ? null : host, hostLength, serviceLength == 0 ? null : service, serviceLength, (int)flags);
            return error != 0 ? ((GaiError)error, string.Empty, string.Empty) : (GaiError.None, Marshal.PtrToStringUTF8((nint)host)!, Marshal.PtrToStringUTF8((nint)service)!);
        }
    }

    public static string Describe(SocketDomain family, SocketKind kind, int protocol, SockAddr address, string? canonicalName) => $"[{family} {kind} {protocol} {address} {address.Scope} {canonicalName}]";

    private static byte[] Zero(string text) => [.. Encoding.UTF8.GetBytes(text), 0];

    [LibraryImport(Library)]
    private static partial int inet_pton(int domain, byte* text, byte* address);

    [LibraryImport(Library)]
    private static partial byte* inet_ntop(int domain, byte* address, byte* text, int length);

    [LibraryImport(Library)]
    private static partial int inet_aton(byte* text, uint* address);

    [LibraryImport(Library)]
    private static partial int getaddrinfo(byte* node, byte* service, Info* hints, Info** result);

    [LibraryImport(Library)]
    private static partial void freeaddrinfo(Info* result);

    [LibraryImport(Library)]
    private static partial int getnameinfo(byte* address, int length, byte* host, int hostLength, byte* service, int serviceLength, int flags);

    private struct Info
    {
        public int Flags;
        public int Family;
        public int Kind;
        public int Protocol;
        public int AddressLength;
        public byte* Address;
        public byte* CanonicalName;
        public Info* Next;
    }
}
