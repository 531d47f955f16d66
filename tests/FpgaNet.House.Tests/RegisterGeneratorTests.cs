using FpgaNet.Registers;

namespace FpgaNet.House.Tests;

[TestClass]
public sealed class RegisterGeneratorTests
{
    // A description that breaks no rule; each test breaks one.
    private const string Sound = """
        {
          // comments are allowed
          "version": { "major": 1, "minor": 0 }, "magic": "0x46",
          "blocks": [
            { "name": "Core", "offset": "0x100", "type": 1, "blockVersion": 1, "summary": "s", "registers": [
              { "name": "BlockHeader", "offset": "0x0", "access": "ro", "summary": "s" },
              { "name": "NextBlock", "offset": "0x4", "access": "ro", "summary": "s" },
              { "name": "Control", "offset": "0x8", "access": "rw", "summary": "s", "fields": [
                { "name": "Enable", "bits": "0", "summary": "s" }, { "name": "Mode", "bits": "7:4", "summary": "s" } ] } ] },
            { "name": "Queue", "offset": "0x200", "stride": "0x10", "count": 2, "summary": "s", "registers": [
              { "name": "Base", "offset": "0xC", "access": "rw", "summary": "s" } ] }
          ],
          "formats": [ { "name": "Entry", "words": 2, "summary": "s", "fields": [
            { "name": "Length", "word": 0, "bits": "15:0", "summary": "s" }, { "name": "Status", "word": 1, "bits": "3:0", "summary": "s" } ] } ],
          "enums": [ { "name": "Status", "summary": "s", "values": [ { "name": "Ok", "value": 0, "summary": "s" }, { "name": "Bad", "value": 15, "summary": "s" } ] } ]
        }
        """;

    [TestMethod]
    public void The_generated_files_are_fresh()
    {
        IReadOnlyList<GeneratedFile> stale = Generator.Stale(Repository.Root);
        Assert.IsEmpty(stale, $"Run 'dotnet run --project hdl/regs/FpgaNet.Registers': stale is {string.Join(", ", stale.Select(static f => f.Path))}.");
    }

    [TestMethod]
    public void A_file_that_was_changed_or_is_missing_is_stale()
    {
        string root = Directory.CreateTempSubdirectory("fpganet-regs-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(root, "hdl/regs"));
            File.WriteAllText(Path.Combine(root, Generator.DescriptionPath), Sound);
            IReadOnlyList<GeneratedFile> files = Generator.Stale(root);
            Assert.HasCount(3, files);
            foreach (GeneratedFile file in files)
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(root, file.Path))!);
                File.WriteAllText(Path.Combine(root, file.Path), file.Content);
            }

            Assert.IsEmpty(Generator.Stale(root));
            File.AppendAllText(Path.Combine(root, files[1].Path), " ");
            Assert.AreEqual(files[1].Path, Generator.Stale(root).Single().Path, StringComparer.Ordinal);
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [TestMethod]
    [DataRow("`define FN_CORE_CONTROL 16'h0108")]
    [DataRow("`define FN_CORE_CONTROL_MODE_LSB 4")]
    [DataRow("`define FN_CORE_CONTROL_MODE_WIDTH 4")]
    [DataRow("`define FN_QUEUE 16'h0200")]
    [DataRow("`define FN_QUEUE_STRIDE 16'h0010")]
    [DataRow("`define FN_QUEUE_BASE 16'h000C")]
    [DataRow("`define FN_ENTRY_STATUS 35:32")]
    [DataRow("`define FN_ENTRY_WIDTH 64")]
    [DataRow("`define FN_STATUS_BAD 4'd15")]
    public void The_Verilog_header_places_everything(string line) =>
        Assert.Contains(line, Generator.Generate(Sound)[0].Content, StringComparison.Ordinal);

    [TestMethod]
    [DataRow("BoardId", "BOARD_ID")]
    [DataRow("IPv4", "IPV4")]
    [DataRow("TcpIPv6", "TCP_IPV6")]
    [DataRow("Rss", "RSS")]
    public void Names_become_macro_names(string name, string macro) => Assert.AreEqual(macro, VerilogWriter.Snake(name), StringComparer.Ordinal);

    [TestMethod]
    [DataRow("\"name\": \"Control\", \"offset\": \"0x8\"", "\"name\": \"Control\", \"offset\": \"0x4\"", "block Core: registers NextBlock and Control overlap.")]
    [DataRow("\"bits\": \"7:4\"", "\"bits\": \"7:0\"", "block Core, register Control: fields Enable and Mode overlap.")]
    [DataRow("\"bits\": \"7:4\"", "\"bits\": \"32:4\"", "bits '32:4' is neither")]
    [DataRow("\"bits\": \"7:4\"", "\"bits\": \"4:7\"", "bits '4:7' is neither")]
    [DataRow("\"name\": \"Mode\"", "\"name\": \"Enable\"", "block Core, register Control: field 'Enable' appears 2 times.")]
    [DataRow("\"name\": \"Mode\"", "\"name\": \"mode\"", "'mode' is not a PascalCase name.")]
    [DataRow("\"offset\": \"0x8\"", "\"offset\": \"0x9\"", "0x9 is not a multiple of 4.")]
    [DataRow("\"offset\": \"0x8\"", "\"offset\": \"8\"", "'8' is not a hexadecimal number")]
    [DataRow("\"name\": \"Control\"", "\"name\": \"NextBlock\"", "block Core: register 'NextBlock' appears 2 times.")]
    [DataRow("\"access\": \"rw\", \"summary\": \"s\", \"fields\"", "\"access\": \"rx\", \"summary\": \"s\", \"fields\"", "access 'rx' is none of")]
    [DataRow("\"stride\": \"0x10\"", "\"stride\": \"0xC\"", "stride 0xC is smaller than its 16 bytes")]
    [DataRow("\"stride\": \"0x10\", ", "", "an array has both stride and count")]
    [DataRow("\"offset\": \"0x200\"", "\"offset\": \"0x108\"", "blocks Core and Queue overlap.")]
    [DataRow("\"offset\": \"0x200\"", "\"offset\": \"0x108\", \"insteadOf\": \"Attic\"", "block Queue: there is no block Attic that it could stand instead of.")]
    [DataRow("\"offset\": \"0x200\"", "\"offset\": \"0xFFF0\"", "it ends beyond the address space")]
    [DataRow("\"name\": \"Queue\"", "\"name\": \"Core\"", "block 'Core' appears 2 times.")]
    [DataRow("\"type\": 1, ", "", "type and blockVersion come together")]
    [DataRow("\"name\": \"NextBlock\"", "\"name\": \"Other\"", "a block with a type has NextBlock at offset 4.")]
    [DataRow("\"word\": 1", "\"word\": 2", "word 2 is not in 0 to 1.")]
    [DataRow("\"word\": 1, ", "", "word is missing")]
    [DataRow("\"value\": 15", "\"value\": 16", "enum Status, value Bad: 16 does not fit 4 bits.")]
    [DataRow("\"value\": 15", "\"value\": 0", "enum Status: number '0' appears 2 times.")]
    [DataRow("\"name\": \"Bad\"", "\"name\": \"Ok\"", "enum Status: value 'Ok' appears 2 times.")]
    [DataRow("\"words\": 2", "\"words\": 2, \"colour\": 3", "colour")]
    [DataRow("\"magic\": \"0x46\",", "", "magic")]
    [DataRow("\"name\": \"Base\"", "\"name\": \"Stride\"", "Two things would be called `FN_QUEUE_STRIDE in Verilog")]
    public void A_broken_rule_is_named(string old, string changed, string error)
    {
        Assert.Contains(old, Sound, StringComparison.Ordinal);
        string broken = Sound.Replace(old, changed, StringComparison.Ordinal);
        DescriptionException e = Assert.ThrowsExactly<DescriptionException>(() => Generator.Generate(broken));
        Assert.Contains(error, e.Message, StringComparison.Ordinal);
    }

    [TestMethod]
    public void A_block_may_stand_where_another_does_when_it_says_so()
    {
        string either = Sound.Replace("\"offset\": \"0x200\"", "\"offset\": \"0x108\", \"insteadOf\": \"Core\"", StringComparison.Ordinal);
        Assert.Contains("`define FN_QUEUE 16'h0108", Generator.Generate(either)[0].Content, StringComparison.Ordinal);
    }

    [TestMethod]
    public void Every_broken_rule_is_named_at_once()
    {
        string broken = Sound.Replace("\"7:4\"", "\"7:0\"", StringComparison.Ordinal).Replace("\"value\": 15", "\"value\": 16", StringComparison.Ordinal);
        Assert.HasCount(2, Assert.ThrowsExactly<DescriptionException>(() => Generator.Generate(broken)).Errors);
    }
}
