using FpgaNet.Packets.Devices;

namespace FpgaNet.Driver;

/// <summary>What the driver counts itself.</summary>
internal sealed class DriverCounters
{
    private static readonly string[] s_statusNames =
    [
        "ok", "bad_descriptor", "length_mismatch", "oversize", "checksum_range", "unsupported", "read_error", "poisoned", "read_timeout", "buffer_too_small",
        "bad_segmentation", "launch_too_far", "unknown",
    ];

    private static readonly string[] s_misbehaviourNames = ["no_answer", "ring_position", "receive_length", "queue_halted", "transmit_stuck", "completion_lost"];

    private readonly ulong[] _txErrors = new ulong[s_statusNames.Length];
    private readonly ulong[] _rxErrors = new ulong[s_statusNames.Length];
    private readonly ulong[] _misbehaviours = new ulong[s_misbehaviourNames.Length];

    public ulong TxFrames;
    public ulong TxBytes;
    public ulong TxRefusedOffload;
    public ulong TxRefusedLength;
    public ulong TxRefusedSlices;
    public ulong TxNoCarrier;
    public ulong TxFailed;
    public ulong TxLostInReset;
    public ulong TxLostOnPipe;
    public ulong TxTimestampsLost;
    public ulong RxFrames;
    public ulong RxBytes;
    public ulong RxNoBuffer;
    public ulong RxBadPackets;
    public ulong RxBadMetadata;
    public ulong Resets;
    public ulong FunctionResets;
    public ulong LeakedFrames;
    public ulong Interrupts;

    public void CountTxError(Status status) => _txErrors[Math.Min((int)status, s_statusNames.Length - 1)]++;

    public void CountRxError(Status status) => _rxErrors[Math.Min((int)status, s_statusNames.Length - 1)]++;

    public void CountMisbehaviour(Misbehaviour misbehaviour) => _misbehaviours[(int)misbehaviour]++;

    public void AddTo(IList<DeviceCounter> counters)
    {
        counters.Add(new("driver_tx_frames", TxFrames));
        counters.Add(new("driver_tx_bytes", TxBytes));
        counters.Add(new("driver_tx_refused_offload", TxRefusedOffload));
        counters.Add(new("driver_tx_refused_length", TxRefusedLength));
        counters.Add(new("driver_tx_refused_slices", TxRefusedSlices));
        counters.Add(new("driver_tx_no_carrier", TxNoCarrier));
        counters.Add(new("driver_tx_failed", TxFailed));
        counters.Add(new("driver_tx_lost_in_reset", TxLostInReset));
        counters.Add(new("driver_tx_lost_on_pipe", TxLostOnPipe));
        counters.Add(new("driver_tx_timestamps_lost", TxTimestampsLost));
        counters.Add(new("driver_rx_frames", RxFrames));
        counters.Add(new("driver_rx_bytes", RxBytes));
        counters.Add(new("driver_rx_no_buffer", RxNoBuffer));
        counters.Add(new("driver_rx_bad_metadata", RxBadMetadata));
        counters.Add(new("driver_rx_bad_packets", RxBadPackets));
        for (int i = 1; i < s_statusNames.Length; i++)
        {
            counters.Add(new($"driver_tx_error_{s_statusNames[i]}", _txErrors[i]));
        }

        for (int i = 1; i < s_statusNames.Length; i++)
        {
            counters.Add(new($"driver_rx_error_{s_statusNames[i]}", _rxErrors[i]));
        }

        for (int i = 0; i < s_misbehaviourNames.Length; i++)
        {
            counters.Add(new($"driver_misbehaved_{s_misbehaviourNames[i]}", _misbehaviours[i]));
        }

        counters.Add(new("driver_resets", Resets));
        counters.Add(new("driver_function_resets", FunctionResets));
        counters.Add(new("driver_leaked_frames", LeakedFrames));
        counters.Add(new("driver_interrupts", Interrupts));
    }
}
