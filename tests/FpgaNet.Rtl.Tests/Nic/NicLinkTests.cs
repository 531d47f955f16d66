using FpgaNet.Driver;
using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Sim;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Nic;

/// <summary>Block Mdio with a PHY at its pins: registers by command, and the link that the card follows by itself.</summary>
[TestClass]
public sealed class NicLinkTests
{
    private const uint Follow = 1;

    // Three frames of 65 periods of 6 clocks and what lies between. A round may end before it sees a change, the next one reads that the link was lost, and the third that it is back.
    private const int Round = 3 * ((65 * 6) + 4), Notice = 3 * Round;

    [TestMethod]
    public void Registers_are_read_and_written_by_frames()
    {
        Random random = TestSeed.Random();
        using Rig rig = new("fn_nic_link", random.Next(32));
        Assert.AreEqual(((uint)MdioRegisters.BlockVersion << 16) | MdioRegisters.BlockType, rig.Bus.Read(MdioRegisters.BlockHeader));
        Assert.AreEqual(9u, MdioRegisters.BoardPhy.Get(rig.Bus.Read(MdioRegisters.Board)));
        Assert.AreEqual(0b0111u, MdioRegisters.BoardSpeeds.Get(rig.Bus.Read(MdioRegisters.Board)));
        PhyRegisters expected = new();
        for (int i = 0; i < 60; i++)
        {
            int register = random.Next(16);
            ushort value = (ushort)random.Next(0x10000);
            int phy = random.Next(3) == 0 ? random.Next(32) : rig.Phy.Address;
            bool write = random.Next(2) == 0;
            rig.Bus.Write(MdioRegisters.Frame, (write ? 0x5002_0000u | value : 0x6002_0000u) | ((uint)phy << 23) | ((uint)register << 18));
            rig.Bus.Write(MdioRegisters.Frame, 0x5002_8000); // while busy: ignored
            uint seen = rig.Wait();
            if (phy != rig.Phy.Address)
            {
                Assert.AreEqual(write ? value : 0x3FFFFu, write ? seen & 0xFFFF : seen & 0x3FFFF, "the pull-up, where nobody answers");
            }
            else if (write)
            {
                expected.Write(register, value);
            }
            else
            {
                Assert.AreEqual(0x20000u | expected.Read(register), seen & 0x3FFFF, $"register {register}");
            }
        }

        // Clause 45's frames pass, and are none for this PHY.
        long frames = rig.Phy.Frames;
        rig.Bus.Write(MdioRegisters.Frame, 0x3002_0000 | ((uint)rig.Phy.Address << 23));
        Assert.AreEqual(1u, MdioRegisters.FrameNoAnswer.Get(rig.Wait()));
        Assert.AreEqual(frames, rig.Phy.Frames);
    }

    [TestMethod]
    [DataRow("fn_nic_link", LinkModes.All)]
    [DataRow("fn_nic_link_100", LinkModes.UpTo100)]
    public void The_link_is_what_both_ends_resolve_it_to(string model, LinkModes interfaceModes)
    {
        Random random = TestSeed.Random();
        using Rig rig = new(model, random.Next(32));
        Assert.AreEqual((true, interfaceModes == LinkModes.All ? LinkModes.Full1000 : LinkModes.Full100), rig.Link, "the pin's word, at the fastest, while nobody follows");

        // As the driver sets the PHY: full duplex alone is offered, and no more than the card's interface has.
        rig.Phy.Registers.Write(4, 0x0141);
        rig.Phy.Registers.Write(9, interfaceModes == LinkModes.All ? (ushort)0x0200 : (ushort)0);
        rig.Phy.Registers.Write(0, 0x1200);
        rig.Follow();
        LinkModes[] partners =
        [
            .. Enumerable.Range(0, 64).Select(static n => (LinkModes)n), LinkModes.All, LinkModes.UpTo100, LinkModes.Full10 | LinkModes.Half100,
        ];
        foreach (LinkModes partner in partners.OrderBy(_ => random.Next()))
        {
            rig.Phy.Registers.PartnerNegotiates = random.Next(3) != 0;
            rig.Phy.Registers.Partner = partner;
            rig.Bench.Step(Notice + random.Next(Round));
            LinkModes link = rig.Phy.Registers.Link;
            Assert.AreEqual(link != LinkModes.None, rig.Link.Up, $"{partner}");
            if (link != LinkModes.None)
            {
                Assert.AreEqual(link, rig.Link.Mode, $"{partner}, {(rig.Phy.Registers.PartnerNegotiates ? "negotiated" : "detected")}");
            }
        }
    }

    [TestMethod]
    public void No_loss_of_the_link_is_missed_and_speed_changes_only_as_a_link_comes()
    {
        Random random = TestSeed.Random();
        using Rig rig = new("fn_nic_link", random.Next(32));
        rig.Follow();
        rig.Bench.Step(Notice);
        Assert.IsTrue(rig.Link.Up);
        for (int i = 0; i < 40; i++)
        {
            // A loss so short that no frame need fall into it; what the other end offers may be another thing afterwards.
            bool pulled = random.Next(4) == 0;
            bool board = !pulled && random.Next(4) == 0;
            LinkModes before = rig.Link.Mode;
            rig.Losses = 0;
            if (pulled)
            {
                rig.Phy.IsPresent = false;
            }
            else if (board)
            {
                rig.Bench.Model.Port("pin_up").Value = 0;
            }
            else
            {
                rig.Phy.Registers.HasCable = false;
                rig.Phy.Registers.Partner = random.Next(2) == 0 ? LinkModes.All : LinkModes.UpTo100;
            }

            rig.Bench.Step(pulled ? Notice : random.Next(1, 3));
            rig.Phy.IsPresent = true;
            rig.Bench.Model.Port("pin_up").Value = 1;
            rig.Phy.Registers.HasCable = true;
            rig.Bench.Step(2 * Notice);
            Assert.AreEqual(1, rig.Losses, pulled ? "the PHY was pulled" : board ? "the pin said so" : "the cable was pulled");
            Assert.AreEqual((true, rig.Phy.Registers.Link), rig.Link);
        }

        // A loss that lasts is a loss that is seen to last, and so is a negotiation.
        rig.Phy.Registers.IsNegotiating = true;
        rig.Bench.Step(Notice);
        for (int i = 0; i < 4 * Round; i++)
        {
            rig.Bench.Step();
            Assert.IsFalse(rig.Link.Up);
        }

        rig.Phy.Registers.IsNegotiating = false;
        rig.Bench.Step(Notice);
        Assert.IsTrue(rig.Link.Up);
    }

    [TestMethod]
    public void Following_begins_and_ends_whatever_is_under_way()
    {
        Random random = TestSeed.Random();
        using Rig rig = new("fn_nic_link", random.Next(32));
        for (int i = 0; i < 40; i++)
        {
            // A frame of the host's is answered whole, and its answer is not taken for a register of the link.
            rig.Phy.Registers.HasCable = random.Next(2) == 0;
            rig.Bus.Write(MdioRegisters.Frame, 0x600A_0000 | ((uint)rig.Phy.Address << 23)); // register 2
            rig.Bench.Step(random.Next(450));
            rig.Follow();
            rig.Bus.Write(MdioRegisters.Frame, 0x5002_8000 | ((uint)rig.Phy.Address << 23)); // a reset of the PHY: ignored
            rig.Bench.Step(Notice + 390 + random.Next(Round));
            Assert.AreEqual(rig.Phy.Registers.HasCable, rig.Link.Up);

            rig.Bus.Write(MdioRegisters.Control, 0);
            if (random.Next(2) == 0)
            {
                rig.Bench.Reset(1);
            }

            rig.Wait();
            Assert.AreEqual((true, LinkModes.Full1000), rig.Link);
            rig.Bus.Write(MdioRegisters.Frame, 0x600A_0000 | ((uint)rig.Phy.Address << 23));
            Assert.AreEqual(0x20123u, rig.Wait() & 0x3FFFF);
        }
    }

    /// <summary>The block, a host and a PHY.</summary>
    private sealed class Rig : IBenchDriver, IDisposable
    {
        private bool _wasUp;
        private LinkModes _mode;

        public Rig(string model, int address)
        {
            Bench = new RtlBench(model);
            Phy = new MdioTarget(Bench.Model, new PhyRegisters()) { Address = address };
            Bus = new RegisterBus(Bench);
            Bench.Add(this);
            Bench.Model.Port("pin_up").Value = 1;
            Bench.Reset();
            Bench.Step(4);
        }

        public RtlBench Bench { get; }

        public RegisterBus Bus { get; }

        public MdioTarget Phy { get; }

        public int Losses { get; set; }

        public (bool Up, LinkModes Mode) Link => (Bench.Model.Port("link_up").IsSet, Mode);

        private LinkModes Mode => (Bench.Model.Port("speed").Value, Bench.Model.Port("full_duplex").IsSet) switch
        {
            (2, true) => LinkModes.Full1000,
            (2, false) => LinkModes.Half1000,
            (1, true) => LinkModes.Full100,
            (1, false) => LinkModes.Half100,
            (0, true) => LinkModes.Full10,
            _ => LinkModes.Half10,
        };

        public void Follow() => Bus.Write(MdioRegisters.Control, MdioRegisters.ControlPhy.Set(NicLinkTests.Follow, (uint)Phy.Address));

        public uint Wait()
        {
            Bench.StepUntil(() => !MdioRegisters.ControlBusy.IsSet(Bus.Read(MdioRegisters.Control)));
            return Bus.Read(MdioRegisters.Frame);
        }

        public void Drive() => Phy.Drive();

        public void Sample()
        {
            Phy.Sample(Bench.Cycles);
            (bool up, LinkModes mode) = Link;
            if (_wasUp && !up)
            {
                Losses++;
            }

            Assert.IsFalse(_wasUp && up && mode != _mode, "a link that stays has one speed");
            (_wasUp, _mode) = (up, mode);
        }

        public void Dispose() => Bench.Dispose();
    }
}
