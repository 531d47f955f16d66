using FpgaNet.Driver;

namespace FpgaNet.Sim.WireSpeed;

/// <summary>How full a core kept its wire.</summary>
/// <param name="Core">Which core, on which line.</param>
/// <param name="Traffic">Which frames.</param>
/// <param name="TransmitShare">Share of the wire's byte times used from the second round of frames to the last, 0 to 1; a gap of 12 bytes counts as used.</param>
/// <param name="ReceiveShare">Share of the frames that came back to back and were handed up, 0 to 1.</param>
public sealed record WireSpeedRow(string Core, string Traffic, double TransmitShare, double ReceiveShare);

/// <summary>
/// Measures whether a core keeps its wire full in both directions at once, with every offload on: the host is always ready, and so is the wire. All clocks are one,
/// so a core of 8 bits has not a byte to spare. Transmit is measured from the second round of the lengths on, because the first long frame behind short ones has to be
/// stored before it may begin.
/// </summary>
public static class WireSpeedRun
{
    private const uint Everything = 0x1F;

    /// <summary>The cores and their lines: name for the table, model, clocks a byte (0: XGMII).</summary>
    public static IReadOnlyList<(string Name, string Model, int Divider)> Cores { get; } =
    [
        ("8 bits, RMII 100 Mb/s, 50 MHz", "fn_nic_8", 4),
        ("8 bits, GMII 1 Gb/s, 125 MHz", "fn_nic_8", 1),
        ("32 bits, GMII 1 Gb/s, 125 MHz", "fn_nic_32", 1),
        ("64 bits, GMII 1 Gb/s, 125 MHz", "fn_nic_64", 1),
        ("64 bits, XGMII 10 Gb/s, 156.25 MHz", "fn_nic_xgmii", 0),
    ];

    /// <summary>Runs one core with one kind of traffic.</summary>
    /// <param name="core">One of <see cref="Cores"/>.</param>
    /// <param name="traffic">The frames, both ways (what segments are made from comes in as single frames).</param>
    /// <exception cref="InvalidOperationException">Frames got lost on the way out.</exception>
    public static WireSpeedRow Measure((string Name, string Model, int Divider) core, WireTraffic traffic)
    {
        using VerilatedModel model = VerilatedModel.Load(core.Model);
        WireLine line = core.Divider == 0 ? new XgmiiLine(model, traffic.FromWire(), traffic.Lengths.Count) : new GmiiLine(model, traffic.FromWire(), traffic.Lengths.Count, core.Divider);
        HostStreams host = new(model, traffic.FromHost());
        Port reset = model.Port("rst");
        reset.Value = 1;
        Clock(4, null, null);
        reset.Value = 0;
        model.Port("reg_write").IsSet = false;
        Clock(200, null, null);
        Write(CoreRegisters.Control, Everything);
        Write(CoalesceRegisters.Control, 1);
        long limit = 20L * 1538 * traffic.Frames * Math.Max(1, core.Divider);
        while (!(line.Played && line.Frames == traffic.Frames) && limit-- > 0)
        {
            Clock(1, line, host);
        }

        Clock(20_000 * Math.Max(1, core.Divider), core.Divider == 0 ? null : line, host);
        return line.Frames == traffic.Frames
            ? new WireSpeedRow(core.Name, traffic.Name, line.Share, (double)host.Received / traffic.Frames)
            : throw new InvalidOperationException($"{core.Name}, {traffic.Name}: {line.Frames} of {traffic.Frames} frames left the card.");

        void Clock(int count, WireLine? active, HostStreams? streams)
        {
            for (int i = 0; i < count; i++)
            {
                if (active is null && core.Divider == 0)
                {
                    Quiet();
                }

                active?.Drive();
                streams?.Drive();
                model.Eval();
                active?.Sample();
                streams?.Sample();
                model.Tick();
            }
        }

        void Quiet()
        {
            model.Port("xgmii_rxd").Value = 0x0707070707070707;
            model.Port("xgmii_rxc").Value = 0xFF;
        }

        void Write(uint address, uint value)
        {
            model.Port("reg_address").Value = address;
            model.Port("reg_wdata").Value = value;
            model.Port("reg_write").Value = 1;
            Clock(1, null, host);
            model.Port("reg_write").Value = 0;
            Clock(20, null, host);
        }
    }
}
