using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Inet;

/// <summary>What ICMP's complaints are to sockets: the error, and whether it is a hard one, which a connected socket is told of even if it did not ask (RFC 1122 §4.1.3.3; Linux's table).</summary>
internal static class IcmpErrno
{
    private static readonly (Errno Error, bool IsHard)[] s_unreachable4 =
    [
        (Errno.ENETUNREACH, false), (Errno.EHOSTUNREACH, false), (Errno.ENOPROTOOPT, true), (Errno.ECONNREFUSED, true), (Errno.EMSGSIZE, false), (Errno.EOPNOTSUPP, false),
        (Errno.ENETUNREACH, true), (Errno.EHOSTDOWN, true), (Errno.ENONET, true), (Errno.ENETUNREACH, true), (Errno.EHOSTUNREACH, true), (Errno.ENETUNREACH, false),
        (Errno.EHOSTUNREACH, false), (Errno.EHOSTUNREACH, true), (Errno.EHOSTUNREACH, true), (Errno.EHOSTUNREACH, true),
    ];

    private static readonly (Errno Error, bool IsHard)[] s_unreachable6 =
    [
        (Errno.ENETUNREACH, false), (Errno.EACCES, true), (Errno.EHOSTUNREACH, false), (Errno.EHOSTUNREACH, false), (Errno.ECONNREFUSED, true), (Errno.EACCES, true), (Errno.EACCES, true),
    ];

    /// <summary>What a complaint is.</summary>
    /// <param name="complaint">The complaint.</param>
    /// <param name="isIPv4">It is of ICMP, not of ICMPv6.</param>
    public static (Errno Error, bool IsHard) Of(in IcmpComplaint complaint, bool isIPv4)
    {
        if (isIPv4)
        {
            return (IcmpType)complaint.Type switch
            {
                IcmpType.ParameterProblem => (Errno.EPROTO, true),
                IcmpType.DestinationUnreachable when complaint.Code < s_unreachable4.Length => s_unreachable4[complaint.Code],
                _ => (Errno.EHOSTUNREACH, false),
            };
        }

        return (Icmpv6Type)complaint.Type switch
        {
            Icmpv6Type.PacketTooBig => (Errno.EMSGSIZE, false),
            Icmpv6Type.ParameterProblem => (Errno.EPROTO, true),
            Icmpv6Type.DestinationUnreachable => complaint.Code < s_unreachable6.Length ? s_unreachable6[complaint.Code] : (Errno.EPROTO, true),
            _ => (Errno.EHOSTUNREACH, false),
        };
    }
}
