namespace FpgaNet.Stack.Network;

/// <summary>Who waits until an interface takes frames again. Guarded by the stack's lock.</summary>
internal interface IRoomUser
{
    /// <summary>Which interface; null: it does not wait.</summary>
    NetworkInterface? AwaitsRoomOf { get; set; }

    /// <summary>There is room, or will never be.</summary>
    void RoomCame();
}
