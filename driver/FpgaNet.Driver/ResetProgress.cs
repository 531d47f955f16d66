namespace FpgaNet.Driver;

/// <summary>How far a reset is.</summary>
internal enum ResetProgress
{
    /// <summary>The card has not said that it is done.</summary>
    Pending,

    /// <summary>Nothing is under way any more, and every register has its reset value.</summary>
    Done,

    /// <summary>The card does not answer.</summary>
    NoAnswer,
}
