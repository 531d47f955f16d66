using System.Net.Sockets;

namespace FpgaNet.Stack.Dns;

/// <summary>What is known of a name and a type: the records, or that there are none.</summary>
/// <param name="Records">The records asked for; empty when <paramref name="Error"/> says why.</param>
/// <param name="Error">Success; HostNotFound: the name does not exist; NoData: it has no such record; TryAgain: the answer makes no sense.</param>
/// <param name="TimeToLive">How long this may be remembered.</param>
internal sealed record DnsAnswer(IReadOnlyList<DnsRecord> Records, SocketError Error, TimeSpan TimeToLive)
{
    // RFC 2308 §5: a "no" is remembered for hours at most.
    private static readonly TimeSpan s_longestNegative = TimeSpan.FromHours(1);

    private const int MaximumAliases = 16;

    /// <summary>
    /// Takes from a message what answers a question: the records of the name, or of the name that it is an alias of. All else that the message may hold is not looked at, so
    /// that nobody can slip in what was not asked for (RFC 5452 §6).
    /// </summary>
    /// <param name="message">The message.</param>
    /// <param name="name">The name asked for.</param>
    /// <param name="type">The type asked for.</param>
    /// <param name="alias">Set when the message ends with an alias whose records are not in it: ask for that one.</param>
    public static DnsAnswer From(DnsMessage message, string name, DnsRecordType type, out string? alias)
    {
        alias = null;
        TimeSpan timeToLive = TimeSpan.MaxValue;
        string current = name;
        for (int aliases = 0; ; aliases++)
        {
            List<DnsRecord> records = [];
            NameRecord? next = null;
            foreach (DnsRecord record in message.Answers)
            {
                if (!DomainName.Comparer.Equals(record.Name, current))
                {
                    continue;
                }

                if (record.Type == type)
                {
                    records.Add(record with { Name = current }); // not in the cases that the question was given
                }
                else if (record.Type == DnsRecordType.CNAME)
                {
                    next ??= (NameRecord)record;
                }
            }

            if (records.Count != 0)
            {
                return new DnsAnswer(records, SocketError.Success, Min(timeToLive, records.Min(static record => record.TimeToLive)));
            }

            if (next is null)
            {
                break;
            }

            if (aliases == MaximumAliases)
            {
                return new DnsAnswer([], SocketError.TryAgain, TimeSpan.Zero); // a circle
            }

            timeToLive = Min(timeToLive, next.TimeToLive);
            current = next.Target;
        }

        // RFC 2308 §2.1, §2.2; RFC 6604: the code is about the last name of the chain. Without the start of a zone it is not remembered.
        if (message.Code == DnsResponseCode.NoError && message.StartOfAuthority is null && !DomainName.Comparer.Equals(current, name))
        {
            alias = current;
        }

        TimeSpan negative = message.StartOfAuthority is { } zone && DomainName.IsWithin(current, zone.Name) ? zone.TimeToLive : TimeSpan.Zero;
        return new DnsAnswer(
            [], message.Code == DnsResponseCode.NameError ? SocketError.HostNotFound : SocketError.NoData, Min(Min(timeToLive, negative), s_longestNegative));
    }

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
