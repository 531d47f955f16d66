namespace FpgaNet.House.Tests;

/// <summary>The checkout that the tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "FpgaNet.sln")))
            {
                return folder;
            }
        }

        throw new InvalidOperationException("These tests read the repository; no folder above them holds FpgaNet.sln.");
    }
}
