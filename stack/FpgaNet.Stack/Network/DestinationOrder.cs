using FpgaNet.Packets.Wire;

namespace FpgaNet.Stack.Network;

/// <summary>In which order the addresses of a host should be tried from here (RFC 6724 §6).</summary>
internal static class DestinationOrder
{
    /// <summary>Sorts addresses; those that cannot be reached come last.</summary>
    /// <param name="ip">The network layer.</param>
    /// <param name="addresses">The addresses.</param>
    public static IpAddress[] Sort(IpLayer ip, ReadOnlySpan<IpAddress> addresses)
    {
        DestinationCandidate[] candidates = new DestinationCandidate[addresses.Length];
        using (ip.Context.Enter())
        {
            for (int i = 0; i < candidates.Length; i++)
            {
                candidates[i] = new DestinationCandidate { Address = addresses[i] };
                if (ip.Find(addresses[i]) is { } path && path.Interface.FindAddress(path.Source) is { } own)
                {
                    candidates[i] = candidates[i] with
                    {
                        IsUsable = true,
                        Source = new SourceCandidate
                        {
                            Address = own.Address,
                            PrefixLength = own.Prefix.PrefixLength,
                            Interface = path.Interface.Index,
                            IsDeprecated = own.State == AddressState.Deprecated,
                        },
                    };
                }
            }
        }

        AddressSelection.Order(candidates, PolicyTable.Default);
        return Array.ConvertAll(candidates, static candidate => candidate.Address);
    }
}
