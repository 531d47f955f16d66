namespace FpgaNet.Driver.Flows;

/// <summary>What became of a change to a <see cref="FlowTable"/>.</summary>
public enum FlowTableStatus
{
    /// <summary>The card knows of it.</summary>
    Done,

    /// <summary>None of the flow's slots is free, nor can one be made so. Its frames go as those of any other flow.</summary>
    Full,

    /// <summary>The flow is in the table already.</summary>
    Duplicate,

    /// <summary>The flow is not in the table.</summary>
    NotFound,
}
