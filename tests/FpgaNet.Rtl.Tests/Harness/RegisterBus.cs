using FpgaNet.Sim;

namespace FpgaNet.Rtl.Tests.Harness;

/// <summary>
/// The register bus of a block (<c>reg_write</c>, <c>reg_read</c>, <c>reg_address</c>, <c>reg_wdata</c>, <c>reg_rdata</c>, <c>reg_ack</c>). A block shares its
/// answer with others by OR, so reg_rdata has to be 0 but in the clock of the one-clock reg_ack: that is checked in every cycle.
/// </summary>
internal sealed class RegisterBus : IBenchDriver
{
    private readonly RtlBench _bench;
    private readonly Port _acknowledge;
    private readonly Port _data;
    private int _answers;
    private uint _answer;

    public RegisterBus(RtlBench bench)
    {
        _bench = bench;
        _acknowledge = bench.Model.Port("reg_ack");
        _data = bench.Model.Port("reg_rdata");
        bench.Add(this);
    }

    /// <summary>Clocks that an answer may take.</summary>
    public int Limit { get; init; } = 600;

    public uint Read(uint address) => Access("reg_read", address);

    public void Write(uint address, uint value)
    {
        _bench.Model.Port("reg_wdata").Value(value);
        Assert.AreEqual(0u, Access("reg_write", address), "a write is answered with 0");
    }

    /// <summary>Nobody answers at this address.</summary>
    public bool IsSilent(uint address)
    {
        Pulse("reg_read", address);
        _bench.Step(Limit);
        return _answers == 0;
    }

    public void Drive()
    {
    }

    public void Sample()
    {
        if (_acknowledge.IsSet)
        {
            _answers++;
            _answer = (uint)_data.Value;
        }
        else
        {
            Assert.AreEqual(0UL, _data.Value, "reg_rdata without reg_ack");
        }
    }

    private uint Access(string strobe, uint address)
    {
        Pulse(strobe, address);
        _bench.StepUntil(() => _answers != 0, Limit);
        _bench.Step();
        Assert.AreEqual(1, _answers, "reg_ack takes one clock");
        return _answer;
    }

    private void Pulse(string strobe, uint address)
    {
        _answers = 0;
        _bench.Model.Port("reg_address").Value(address);
        _bench.Model.Port(strobe).Value(1);
        _bench.Step();
        _bench.Model.Port(strobe).Value(0);
    }
}
