namespace FpgaNet.Stack.Network;

/// <summary>Who waits until a queue takes frames again. Guarded by the stack's lock.</summary>
internal interface IRoomUser
{
    /// <summary>Which queue; null: it does not wait.</summary>
    FrameOutput? AwaitsRoomOf { get; set; }

    /// <summary>There is room, or will never be.</summary>
    void RoomCame();
}
