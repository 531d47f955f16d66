using System.Reflection;
using System.Runtime.CompilerServices;
using FpgaNet.Testing;

namespace FpgaNet.Sockets.Tests.Calls;

/// <summary>
/// A test that runs on both sides, and on Linux's in a process of its own, as it does there to the whole process what no other test could live with: limits, signal handlers, descriptors that are closed
/// under a waiting thread. That process is these tests started once more for this one test (<see cref="OnBothSidesAttribute"/> leaves our side out there).
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OwnProcessTestAttribute([CallerFilePath] string file = "", [CallerLineNumber] int line = -1) : TestMethodAttribute(file, line)
{
    private const string Mark = "FPGANET_OWN_PROCESS";

    /// <summary>This process runs one test for another.</summary>
    public static bool IsChild => Environment.GetEnvironmentVariable(Mark) is not null;

    public override Task<TestResult[]> ExecuteAsync(ITestMethod testMethod) =>
        IsChild || testMethod.Arguments is not [Side.Linux] ? base.ExecuteAsync(testMethod) : Task.FromResult<TestResult[]>([RunInChild(testMethod)]);

    private static TestResult RunInChild(ITestMethod test)
    {
        try
        {
            Skip.UnlessNetworkNamespaces();
            string[] self = Path.GetFileName(Environment.ProcessPath!).Equals("dotnet", StringComparison.Ordinal) ? [Environment.ProcessPath!, Assembly.GetExecutingAssembly().Location] : [Environment.ProcessPath!];
            using TestProgram child = TestProgram.Start("env", [$"{Mark}=1", .. self, "--no-ansi", "--filter", $"FullyQualifiedName={test.TestClassName}.{test.TestMethodName}"]);
            ProgramResult ended = child.WaitForExit(TimeSpan.FromMinutes(2));
            return ended.ExitCode == 0
                ? new TestResult { Outcome = UnitTestOutcome.Passed }
                : new TestResult { Outcome = UnitTestOutcome.Failed, TestFailureException = new AssertFailedException($"in its own process:\n{ended.Output}{ended.Error}") };
        }
        catch (AssertInconclusiveException e)
        {
            return new TestResult { Outcome = UnitTestOutcome.Inconclusive, TestFailureException = e };
        }
        catch (InvalidOperationException e)
        {
            return new TestResult { Outcome = UnitTestOutcome.Failed, TestFailureException = e };
        }
    }
}
