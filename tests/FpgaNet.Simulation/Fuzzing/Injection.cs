using System.Globalization;

namespace FpgaNet.Simulation.Fuzzing;

/// <summary>A frame that an attacker put on the victim's wire.</summary>
/// <param name="At">When.</param>
/// <param name="Bytes">The frame.</param>
public sealed record Injection(TimeSpan At, byte[] Bytes)
{
    /// <summary>Reads a corpus file: <c>seed N</c>, then a line a frame with microseconds and bytes in hexadecimal; <c>#</c> begins a comment.</summary>
    public static (int Seed, IReadOnlyList<Injection> Frames) Parse(string text)
    {
        int seed = 1;
        List<Injection> frames = [];
        foreach (string line in text.Split('\n'))
        {
            string[] words = line.Split('#')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            if (words is ["seed", string number])
            {
                seed = int.Parse(number, CultureInfo.InvariantCulture);
            }
            else if (words.Length > 1)
            {
                frames.Add(new Injection(TimeSpan.FromMicroseconds(double.Parse(words[0], CultureInfo.InvariantCulture)), Convert.FromHexString(string.Concat(words[1..]))));
            }
        }

        return (seed, frames);
    }

    /// <summary>The line of a corpus file, with what it says behind it.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{At.TotalMicroseconds} {Convert.ToHexStringLower(Bytes)} # {FrameText.Describe(Bytes)}");
}
