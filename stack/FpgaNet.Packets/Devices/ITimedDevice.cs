using FpgaNet.Packets.Offload;

namespace FpgaNet.Packets.Devices;

/// <summary>A device with a clock at the wire (<see cref="OffloadFeatures.Timed"/>). One thread at a time, as <see cref="INetworkDevice"/>.</summary>
public interface ITimedDevice
{
    /// <summary>The clock; null when the device has none after all, and none of <see cref="OffloadFeatures.Timed"/>.</summary>
    IHardwareClock? Clock { get; }

    /// <summary>
    /// Takes the oldest time stamp of a frame that was sent with a <see cref="TxOffload.TimestampId"/>. They come in the order of the frames, some time behind
    /// <see cref="INetworkDevice.Transmit"/>. A device keeps a few hundred; when nobody takes them, the oldest are lost and counted.
    /// </summary>
    /// <param name="timestamp">Receives it.</param>
    /// <returns>False when there is none yet.</returns>
    bool TryTakeTransmitTimestamp(out TransmitTimestamp timestamp);
}

/// <summary>When a frame was on the wire.</summary>
/// <param name="Id">Its <see cref="TxOffload.TimestampId"/>.</param>
/// <param name="Time">Its start delimiter, in nanoseconds of the device's clock; 0: the frame was not sent.</param>
public readonly record struct TransmitTimestamp(ushort Id, long Time);
