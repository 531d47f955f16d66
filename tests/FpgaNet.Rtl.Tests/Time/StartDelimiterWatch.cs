using FpgaNet.Rtl.Tests.Harness;
using FpgaNet.Sim;

namespace FpgaNet.Rtl.Tests.Time;

/// <summary>Stands at the data pins of a GMII and notes when start delimiters pass: the first D5 behind nothing but 55 in each carrier event.</summary>
/// <param name="model">The module.</param>
/// <param name="data">The data pins.</param>
/// <param name="valid">The pin that says there is data.</param>
/// <param name="error">The pin that says it is wrong, if that is to count.</param>
/// <param name="time">The time of the coming edge; null: the number of the cycle.</param>
internal sealed class StartDelimiterWatch(VerilatedModel model, string data, string valid, string? error = null, Func<long>? time = null) : IBenchDriver
{
    private readonly Port _data = model.Port(data);
    private readonly Port _valid = model.Port(valid);
    private readonly Port? _error = error is null ? null : model.Port(error);
    private bool _inPreamble = true;
    private bool _inEvent;

    /// <summary>Clock cycles seen.</summary>
    public long Cycle { get; private set; }

    /// <summary>For each carrier event that has ended or met its delimiter: the time of the edge that takes the delimiter, or -1.</summary>
    public List<long> Times { get; } = [];

    public void Drive()
    {
    }

    public void Sample()
    {
        if (!_valid.IsSet)
        {
            if (_inEvent && _inPreamble)
            {
                Times.Add(-1);
            }

            (_inEvent, _inPreamble) = (false, true);
        }
        else if (_inPreamble)
        {
            _inEvent = true;
            if (_error is { IsSet: true } || _data.Value is not (0x55 or 0xD5))
            {
                Times.Add(-1);
                _inPreamble = false;
            }
            else if (_data.Value == 0xD5)
            {
                Times.Add(time?.Invoke() ?? Cycle);
                _inPreamble = false;
            }
        }

        Cycle++;
    }
}
