namespace FpgaNet.Cli.Nic;

/// <summary>A capture file, which others may read while it is written.</summary>
internal static class CaptureFile
{
    public static FileStream Create(FileInfo file) => new(file.FullName, FileMode.Create, FileAccess.Write, FileShare.Read | FileShare.Delete, bufferSize: 1);
}
