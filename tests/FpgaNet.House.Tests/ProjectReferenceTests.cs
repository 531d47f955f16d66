namespace FpgaNet.House.Tests;

[TestClass]
public sealed class ProjectReferenceTests
{
    [TestMethod]
    public void Projects_refer_to_each_other_only_along_the_arrows_of_the_design()
    {
        IReadOnlyList<string> violations = ProjectReferences.Violations(Repository.Root);
        Assert.IsEmpty(violations, string.Join(Environment.NewLine, violations));
    }

    [TestMethod]
    [DataRow("stack", "FpgaNet.Stack", "FpgaNet.Driver", DisplayName = "The stack sees the driver")]
    [DataRow("stack", "FpgaNet.Packets", "FpgaNet.Stack", DisplayName = "Packets knows somebody")]
    [DataRow("driver", "FpgaNet.Driver", "FpgaNet.Stack", DisplayName = "The driver sees the stack")]
    [DataRow("host", "FpgaNet.AspNetCore", "FpgaNet.Sim", DisplayName = "The transport sees the simulator")]
    [DataRow("driver", "FpgaNet.Driver", "FpgaNet.Testing", DisplayName = "A library sees test code")]
    public void A_new_arrow_is_found(string folder, string from, string to)
    {
        string root = MadeUpTree((folder, from, to));
        try
        {
            Assert.Contains($"{from} must not refer to {to}.", ProjectReferences.Violations(root));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [TestMethod]
    public void An_arrow_over_two_projects_is_found()
    {
        string root = MadeUpTree(("stack", "FpgaNet.Stack", "FpgaNet.Packets"), ("stack", "FpgaNet.Packets", "FpgaNet.Driver"));
        try
        {
            Assert.Contains("FpgaNet.Stack must not refer to FpgaNet.Driver.", ProjectReferences.Violations(root));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [TestMethod]
    public void A_project_that_nobody_placed_is_found()
    {
        string root = MadeUpTree(("stack", "FpgaNet.Shed", "FpgaNet.Packets"));
        try
        {
            Assert.Contains("FpgaNet.Shed is not in the list of rooms: say in ProjectReferences.Allowed what it may know.", ProjectReferences.Violations(root));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static string MadeUpTree(params (string Folder, string From, string To)[] arrows)
    {
        string root = Directory.CreateTempSubdirectory("fpganet-house-").FullName;
        foreach ((string folder, string from, string to) in arrows)
        {
            string project = Path.Combine(root, folder, from);
            Directory.CreateDirectory(project);
            File.WriteAllText(
                Path.Combine(project, from + ".csproj"),
                $"""<Project><ItemGroup><ProjectReference Include="..\..\any\{to}\{to}.csproj" /></ItemGroup></Project>""");
        }

        return root;
    }
}
