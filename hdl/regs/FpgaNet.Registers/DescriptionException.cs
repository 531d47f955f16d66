namespace FpgaNet.Registers;

/// <summary>registers.json breaks a rule; every broken rule is listed.</summary>
/// <param name="errors">One sentence each.</param>
internal sealed class DescriptionException(IReadOnlyList<string> errors) : Exception(string.Join(Environment.NewLine, errors))
{
    public IReadOnlyList<string> Errors { get; } = errors;
}
