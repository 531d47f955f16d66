using System.Numerics;
using FpgaNet.Packets.Offload;
using FpgaNet.Packets.Wire;

namespace FpgaNet.Driver;

/// <summary>A card's registers by block: where its chain of blocks says that each one lies.</summary>
internal sealed class Card
{
    // A chain that is longer than this has a loop in it.
    private const int MaxBlocks = 64;
    private const uint AddressSpace = 0x10000;
    private const uint AllOnes = 0xFFFF_FFFF;

    private readonly ICardTransport _transport;

    // How far a block lies from where registers.json puts it.
    private uint _core;
    private uint _rss;
    private uint _statistics;
    private uint _filter;
    private uint _flows;
    private uint _coalesce;
    private uint _clock;
    private uint _mac;
    private uint _mdio;
    private uint _host;

    private Card(ICardTransport transport, CardDescription description)
    {
        _transport = transport;
        Description = description;
    }

    public CardDescription Description { get; private set; }

    /// <summary>The card has the block that holds key and types of the hash.</summary>
    public bool HasRss { get; private set; }

    /// <summary>The card has a MAC filter.</summary>
    public bool HasFilter { get; private set; }

    /// <summary>Slots of the flow table; 0 without one that this driver can use.</summary>
    public int FlowSlots { get; private set; }

    /// <summary>The longest frame that the card can make of segments; 0 when it does not.</summary>
    public int CoalescedLength { get; private set; }

    /// <summary>The card has the block that holds its clock.</summary>
    public bool HasClock { get; private set; }

    /// <summary>The card has the block that holds flow control.</summary>
    public bool HasFlowControl { get; private set; }

    /// <summary>The card has the block that reaches the PHY's registers.</summary>
    public bool HasMdio { get; private set; }

    /// <summary>Counters that the card has, and the driver knows; 0 without the block.</summary>
    public int StatisticsCount { get; private set; }

    /// <summary>Recognises a card.</summary>
    /// <exception cref="FpgaNicException">It is not one that this driver knows.</exception>
    public static Card Discover(ICardTransport transport)
    {
        uint magic = transport.ReadRegister(IdentificationRegisters.Magic);
        if (magic != RegisterMap.Magic)
        {
            throw new FpgaNicException(magic == AllOnes
                ? $"The device at {transport.Location} does not answer."
                : $"The device at {transport.Location} is no FpgaNet card: its magic is 0x{magic:X8}, not 0x{RegisterMap.Magic:X8}.");
        }

        uint version = transport.ReadRegister(IdentificationRegisters.Version);
        var map = new Version((int)IdentificationRegisters.VersionMajor.Get(version), (int)IdentificationRegisters.VersionMinor.Get(version));
        if (map.Major != RegisterMap.VersionMajor)
        {
            throw new FpgaNicException($"The card at {transport.Location} has register map version {map}; this driver knows {RegisterMap.VersionMajor}.x.");
        }

        var card = new Card(transport, new CardDescription(map, transport.ReadRegister(IdentificationRegisters.BoardId), OffloadFeatures.None, 0, 0, 0, 0, 0, 0));
        card.WalkBlocks();
        card.Describe();
        card.TestBus();
        return card;
    }

    public uint ReadCore(uint register) => _transport.ReadRegister(_core + register);

    public void WriteCore(uint register, uint value) => _transport.WriteRegister(_core + register, value);

    public void WriteRss(uint register, uint value) => _transport.WriteRegister(_rss + register, value);

    public void WriteFilter(uint register, uint value) => _transport.WriteRegister(_filter + register, value);

    public uint ReadFlows(uint register) => _transport.ReadRegister(_flows + register);

    public void WriteFlows(uint register, uint value) => _transport.WriteRegister(_flows + register, value);

    public void WriteCoalesce(uint register, uint value) => _transport.WriteRegister(_coalesce + register, value);

    public uint ReadClock(uint register) => _transport.ReadRegister(_clock + register);

    public void WriteClock(uint register, uint value) => _transport.WriteRegister(_clock + register, value);

    public void WriteMac(uint register, uint value) => _transport.WriteRegister(_mac + register, value);

    public uint ReadMdio(uint register) => _transport.ReadRegister(_mdio + register);

    public void WriteMdio(uint register, uint value) => _transport.WriteRegister(_mdio + register, value);

    /// <summary>Reads a register of the host interface's block.</summary>
    public uint ReadHost(uint register) => _transport.ReadRegister(_host + register);

    public void WriteHost(uint register, uint value) => _transport.WriteRegister(_host + register, value);

    /// <summary>A time in clocks of the core.</summary>
    public uint Clocks(TimeSpan time, uint maximum) => (uint)Math.Min(maximum, time.TotalSeconds * Description.ClockHertz);

    /// <summary>Still there, and the card that it was.</summary>
    public bool IsPresent => _transport.ReadRegister(IdentificationRegisters.Magic) == RegisterMap.Magic;

    public MacAddress ReadMacAddress() =>
        new(((ulong)(ReadCore(CoreRegisters.MacHigh) & 0xFFFF) << 32) | ReadCore(CoreRegisters.MacLow));

    public void WriteMacAddress(MacAddress address)
    {
        WriteCore(CoreRegisters.MacLow, (uint)address.Value);
        WriteCore(CoreRegisters.MacHigh, (uint)(address.Value >> 32));
    }

    /// <summary>Reads a counter; the low half latches the high one.</summary>
    /// <returns>False when the card did not answer.</returns>
    public bool TryReadStatistic(int index, out ulong value)
    {
        uint offset = _statistics + StatisticsRegisters.Counters + (8 * (uint)index);
        uint low = _transport.ReadRegister(offset);
        uint high = _transport.ReadRegister(offset + 4);
        value = ((ulong)high << 32) | low;
        return (low & high) != AllOnes;
    }

    private void WalkBlocks()
    {
        uint offset = _transport.ReadRegister(IdentificationRegisters.FirstBlock);
        HostBlock host = _transport.HostBlock;
        bool hasCore = false, hasHost = false;
        for (int i = 0; offset != 0; i++)
        {
            if (i == MaxBlocks || offset % 4 != 0 || offset >= AddressSpace)
            {
                throw new FpgaNicException($"The chain of blocks of the card at {_transport.Location} is broken at 0x{offset:X}.");
            }

            uint header = _transport.ReadRegister(offset);
            switch (CoreRegisters.BlockHeaderType.Get(header), CoreRegisters.BlockHeaderVersion.Get(header))
            {
                case (CoreRegisters.BlockType, CoreRegisters.BlockVersion):
                    _core = unchecked(offset - CoreRegisters.Offset);
                    hasCore = true;
                    break;
                case (RssRegisters.BlockType, RssRegisters.BlockVersion):
                    _rss = unchecked(offset - RssRegisters.Offset);
                    HasRss = true;
                    break;
                case (StatisticsRegisters.BlockType, StatisticsRegisters.BlockVersion):
                    _statistics = unchecked(offset - StatisticsRegisters.Offset);
                    StatisticsCount = (int)Math.Min(_transport.ReadRegister(_statistics + StatisticsRegisters.Count), (uint)CardCounters.Names.Count);
                    break;
                case (FilterRegisters.BlockType, FilterRegisters.BlockVersion):
                    _filter = unchecked(offset - FilterRegisters.Offset);
                    HasFilter = FilterRegisters.LimitsExactEntries.Get(_transport.ReadRegister(_filter + FilterRegisters.Limits)) >= FilterRegisters.ExactCount / 2;
                    break;
                case (FlowTableRegisters.BlockType, FlowTableRegisters.BlockVersion):
                    _flows = unchecked(offset - FlowTableRegisters.Offset);
                    FlowSlots = ReadFlowSlots();
                    break;
                case (CoalesceRegisters.BlockType, CoalesceRegisters.BlockVersion):
                    _coalesce = unchecked(offset - CoalesceRegisters.Offset);
                    CoalescedLength = (int)CoalesceRegisters.SizesLongest.Get(_transport.ReadRegister(_coalesce + CoalesceRegisters.Sizes));
                    break;
                case (ClockRegisters.BlockType, ClockRegisters.BlockVersion):
                    _clock = unchecked(offset - ClockRegisters.Offset);
                    HasClock = true;
                    break;
                case (MacRegisters.BlockType, MacRegisters.BlockVersion):
                    _mac = unchecked(offset - MacRegisters.Offset);
                    HasFlowControl = true;
                    break;
                case (MdioRegisters.BlockType, MdioRegisters.BlockVersion):
                    _mdio = unchecked(offset - MdioRegisters.Offset);
                    HasMdio = true;
                    break;
                default:
                    // The host interface's block, or one that came after this driver: the chain goes on behind it.
                    if (CoreRegisters.BlockHeaderType.Get(header) == host.Type && CoreRegisters.BlockHeaderVersion.Get(header) == host.Version)
                    {
                        _host = unchecked(offset - host.Offset);
                        hasHost = true;
                    }

                    break;
            }

            offset = _transport.ReadRegister(offset + (CoreRegisters.NextBlock - CoreRegisters.Offset));
        }

        if (!hasCore || !hasHost)
        {
            throw new FpgaNicException($"The card at {_transport.Location} has no {(hasCore ? host.Name : "core")} block that this driver knows.");
        }
    }

    private int ReadFlowSlots()
    {
        uint size = _transport.ReadRegister(_flows + FlowTableRegisters.Size);
        uint slots = FlowTableRegisters.SizeSlots.Get(size);
        return BitOperations.IsPow2(slots) && FlowTableRegisters.SizeChoices.Get(size) == 4 ? (int)slots : 0;
    }

    private void Describe()
    {
        uint features = ReadCore(CoreRegisters.Features);
        uint limits = ReadCore(CoreRegisters.Limits);
        OffloadFeatures offloads = OffloadFeatures.None;
        offloads |= CoreRegisters.FeaturesTxChecksum.IsSet(features) ? OffloadFeatures.TxChecksum : OffloadFeatures.None;
        offloads |= CoreRegisters.FeaturesTxSegmentation.IsSet(features) ? OffloadFeatures.TxSegmentation : OffloadFeatures.None;
        offloads |= CoreRegisters.FeaturesTxVlanInsert.IsSet(features) ? OffloadFeatures.TxVlanInsert : OffloadFeatures.None;
        offloads |= CoreRegisters.FeaturesRxChecksum.IsSet(features) ? OffloadFeatures.RxChecksum : OffloadFeatures.None;
        offloads |= CoreRegisters.FeaturesRxVlanStrip.IsSet(features) ? OffloadFeatures.RxVlanStrip : OffloadFeatures.None;
        offloads |= CoreRegisters.FeaturesRxHash.IsSet(features) && HasRss ? OffloadFeatures.RxHash : OffloadFeatures.None;
        offloads |= CoreRegisters.FeaturesRxCoalesce.IsSet(features) && CoalescedLength != 0 ? OffloadFeatures.RxCoalesce : OffloadFeatures.None;
        offloads |= CoreRegisters.FeaturesClock.IsSet(features) && HasClock ? OffloadFeatures.Timed : OffloadFeatures.None;
        Description = Description with
        {
            Features = offloads,
            MaximumFrame = (int)CoreRegisters.LimitsMaxFrame.Get(limits),
            DataWidth = (int)CoreRegisters.LimitsDataWidth.Get(limits),
            ClockHertz = ReadCore(CoreRegisters.ClockHz),
        };
        Description = _transport.Describe(this, Description);
        if (Description.TxQueues == 0 || Description.RxQueues == 0 || Description.MaximumFrame < 64 || Description.ClockHertz == 0)
        {
            throw new FpgaNicException($"The card at {_transport.Location} describes itself as unusable: {Description}.");
        }
    }

    private void TestBus()
    {
        foreach (uint pattern in (ReadOnlySpan<uint>)[0xA5C3_0FF1, 0x5A3C_F00E])
        {
            WriteCore(CoreRegisters.Scratch, pattern);
            uint back = ReadCore(CoreRegisters.Scratch);
            if (back != pattern)
            {
                throw new FpgaNicException($"The card at {_transport.Location} lost a register write: 0x{pattern:X8} came back as 0x{back:X8}.");
            }
        }
    }
}
