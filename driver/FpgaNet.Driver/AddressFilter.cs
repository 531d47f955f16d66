using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Driver;

/// <summary>
/// The card's MAC filter (block Filter of docs/registers.md): the first groups as exact entries, those that find no entry by the hash table, which lets a
/// few more through.
/// </summary>
internal sealed class AddressFilter : IAddressFilter
{
    private const int EntryCount = FilterRegisters.ExactCount / 2;
    private const uint EntryIsSet = 1u << 31;

    private readonly Card _card;
    private readonly Lock _lock = new();
    private readonly Dictionary<MacAddress, int> _members = [];
    private readonly MacAddress?[] _entries = new MacAddress?[EntryCount];
    private bool _promiscuous = true;
    private bool _running;

    /// <param name="card">A card that has the block.</param>
    public AddressFilter(Card card) => _card = card;

    /// <inheritdoc/>
    public bool Promiscuous
    {
        get => _promiscuous;
        set
        {
            lock (_lock)
            {
                _promiscuous = value;
                if (_running)
                {
                    WriteControl();
                }
            }
        }
    }

    /// <inheritdoc/>
    public void Join(MacAddress group)
    {
        lock (_lock)
        {
            int members = _members.GetValueOrDefault(group);
            _members[group] = members + 1;
            if (members != 0)
            {
                return;
            }

            int entry = Array.IndexOf(_entries, null);
            if (entry >= 0)
            {
                _entries[entry] = group;
                WriteEntry(entry);
            }
            else
            {
                WriteHash();
            }
        }
    }

    /// <inheritdoc/>
    public void Leave(MacAddress group)
    {
        lock (_lock)
        {
            int members = _members.GetValueOrDefault(group);
            if (members > 1)
            {
                _members[group] = members - 1;
                return;
            }

            _members.Remove(group);
            int entry = Array.IndexOf(_entries, group);
            if (entry >= 0)
            {
                _entries[entry] = null;
                WriteEntry(entry);
            }
            else
            {
                WriteHash();
            }
        }
    }

    /// <summary>Programs a card that is fresh from reset, and from now on with every change.</summary>
    public void Start()
    {
        lock (_lock)
        {
            _running = true;
            for (int i = 0; i < EntryCount; i++)
            {
                WriteEntry(i);
            }

            WriteHash();
            WriteControl();
        }
    }

    /// <summary>The card is being reset: changes wait for the next <see cref="Start"/>.</summary>
    public void Stop()
    {
        lock (_lock)
        {
            _running = false;
        }
    }

    /// <summary>An address's bit in the hash table: the top 8 bits of its CRC-32, as IEEE 802.3 §3.2.9 computes it, octets lowest bit first (Linux: <c>ether_crc(6, address) >> 24</c>).</summary>
    internal static int HashBit(MacAddress address)
    {
        uint crc = uint.MaxValue;
        for (int octet = MacAddress.Length - 1; octet >= 0; octet--)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                bool feedback = (crc >> 31) != (address.Value >> ((8 * octet) + bit) & 1);
                crc = (crc << 1) ^ (feedback ? 0x04C1_1DB7u : 0);
            }
        }

        return (int)(crc >> 24);
    }

    private void WriteControl() =>
        _card.WriteFilter(FilterRegisters.Control, FilterRegisters.ControlBroadcast.Mask | (_promiscuous ? FilterRegisters.ControlPromiscuous.Mask : 0));

    // Switched off first, so that no frame meets half an address.
    private void WriteEntry(int entry)
    {
        if (!_running)
        {
            return;
        }

        uint offset = FilterRegisters.Exact + (8 * (uint)entry);
        _card.WriteFilter(offset + 4, 0);
        if (_entries[entry] is { } address)
        {
            _card.WriteFilter(offset, (uint)address.Value);
            _card.WriteFilter(offset + 4, (uint)(address.Value >> 32) | EntryIsSet);
        }
    }

    private void WriteHash()
    {
        if (!_running)
        {
            return;
        }

        Span<uint> hash = stackalloc uint[FilterRegisters.HashCount];
        hash.Clear();
        foreach (MacAddress group in _members.Keys)
        {
            if (Array.IndexOf(_entries, group) < 0)
            {
                int bit = HashBit(group);
                hash[bit / 32] |= 1u << (bit % 32);
            }
        }

        for (int i = 0; i < hash.Length; i++)
        {
            _card.WriteFilter(FilterRegisters.Hash + (4 * (uint)i), hash[i]);
        }
    }
}
