using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Devices;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Network;

/// <summary>Who is told when a frame was on the wire. Called under the stack's lock.</summary>
internal interface ITransmitStampUser
{
    /// <summary>A frame was sent.</summary>
    /// <param name="number">The user's number of it.</param>
    /// <param name="frame">The frame as it was handed to the device; empty when the user did not want it. Its references are the user's.</param>
    /// <param name="time">Its start delimiter, in nanoseconds of the device's clock.</param>
    void Stamped(uint number, in Frame frame, long time);
}

/// <summary>The frames of one interface whose stamps the device owes (<see cref="ITimedDevice"/>), in the order in which they went down.</summary>
internal sealed class TransmitStamps
{
    private const int Capacity = 256; // what a device keeps

    // A device does not wake anybody for a stamp: so often is it asked, until this many questions brought nothing.
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(1);
    private const int MostQuestions = 2000;

    private readonly StackContext _context;
    private readonly ITimedDevice _device;
    private readonly StackTimer _timer;
    private readonly Queue<Owed> _owed = new();
    private ushort _lastId;
    private int _questions;

    public TransmitStamps(StackContext context, ITimedDevice device)
    {
        _context = context;
        _device = device;
        _timer = new StackTimer(context.Timers, OnTimer);
    }

    /// <summary>A frame is to be stamped.</summary>
    /// <param name="user">Who asks.</param>
    /// <param name="number">His number of it.</param>
    /// <param name="frame">The frame, which gets its id; its references stay the caller's.</param>
    /// <param name="isKept">The user wants to see the frame again.</param>
    public void Ask(ITransmitStampUser user, uint number, ref TxFrame frame, bool isKept)
    {
        if (_owed.Count == Capacity)
        {
            Drop(_owed.Dequeue());
        }

        _lastId = _lastId == ushort.MaxValue ? (ushort)1 : (ushort)(_lastId + 1);
        frame.Offload.TimestampId = _lastId;
        Frame kept = default;
        if (isKept)
        {
            kept = frame.Frame;
            kept.AddReferences();
        }

        _owed.Enqueue(new Owed(user, _lastId, number, kept));
        _questions = 0;
        _timer.Set(_context.Now + s_interval);
    }

    /// <summary>Hands on the stamps that have come.</summary>
    public void Collect()
    {
        while (_owed.Count != 0 && _device.TryTakeTransmitTimestamp(out TransmitTimestamp stamp))
        {
            _questions = 0;
            while (_owed.TryDequeue(out Owed owed))
            {
                if (owed.Id == stamp.Id && stamp.Time != 0)
                {
                    owed.User.Stamped(owed.Number, owed.Frame, stamp.Time);
                }
                else
                {
                    Drop(owed); // it never reached the device, or was not sent
                }

                if (owed.Id == stamp.Id)
                {
                    break;
                }
            }
        }
    }

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        _timer.Remove();
        while (_owed.TryDequeue(out Owed owed))
        {
            Drop(owed);
        }
    }

    private void OnTimer()
    {
        Collect();
        if (_owed.Count == 0)
        {
            return;
        }

        if (_questions++ < MostQuestions)
        {
            _timer.Set(_context.Now + s_interval);
        }
        else
        {
            Clear();
        }
    }

    private static void Drop(Owed owed)
    {
        Frame frame = owed.Frame;
        frame.Release();
    }

    private readonly record struct Owed(ITransmitStampUser User, ushort Id, uint Number, Frame Frame);
}
