using System.Globalization;
using System.Text.RegularExpressions;

namespace FpgaNet.Registers;

/// <summary>Turns a <see cref="Description"/> into a <see cref="RegisterMap"/>, and lists every rule that it breaks.</summary>
internal sealed partial class Validator
{
    /// <summary>Bytes of address space: the register bus carries 16 address bits.</summary>
    public const int AddressSpace = 0x10000;

    private readonly List<string> _errors = [];

    /// <summary>Checks a description.</summary>
    /// <exception cref="DescriptionException">It breaks a rule.</exception>
    public static RegisterMap Validate(Description description)
    {
        var validator = new Validator();
        RegisterMap map = validator.Convert(description);
        if (validator._errors.Count != 0)
        {
            throw new DescriptionException(validator._errors);
        }

        return map;
    }

    [GeneratedRegex("^[A-Z][A-Za-z0-9]*$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex PascalCase();

    [GeneratedRegex("^[a-z][a-z0-9]*(_[a-z0-9]+)*$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SnakeCase();

    private RegisterMap Convert(Description description)
    {
        Check(description.Version.Major is >= 0 and <= 0xFFFF && description.Version.Minor is >= 0 and <= 0xFFFF, "version: both parts must fit 16 bits.");
        uint magic = Number(description.Magic, "magic");
        var formats = description.Formats.Select(Convert).ToList();
        Unique(formats.Select(static f => f.Name), "format");
        var enums = description.Enums.Select(e => Convert(e, formats)).ToList();
        Unique(enums.Select(static e => e.Name), "enum");
        var blocks = new List<Block>();
        foreach (BlockDescription block in description.Blocks)
        {
            blocks.Add(Convert(block, blocks));
        }

        Unique(blocks.Select(static b => b.Name), "block");
        Unique(blocks.Where(static b => b.Type is not null).Select(static b => b.Type!.Value.ToString(CultureInfo.InvariantCulture)), "block type");
        var alternatives = description.Blocks.Where(static b => b.InsteadOf is not null).ToDictionary(static b => b.Name, static b => b.InsteadOf!, StringComparer.Ordinal);
        NoOverlap(blocks.Where(b => !alternatives.ContainsKey(b.Name)).Select(static b => (b.Name, b.Offset, b.Size)), "blocks");
        foreach ((string name, string other) in alternatives)
        {
            Check(blocks.Any(b => string.Equals(b.Name, other, StringComparison.Ordinal)), $"block {name}: there is no block {other} that it could stand instead of.");
            NoOverlap(
                blocks.Where(b => string.Equals(b.Name, name, StringComparison.Ordinal) || (!alternatives.ContainsKey(b.Name) && !string.Equals(b.Name, other, StringComparison.Ordinal)))
                    .Select(static b => (b.Name, b.Offset, b.Size)),
                "blocks");
        }

        return new RegisterMap(description.Version.Major, description.Version.Minor, magic, blocks, formats, enums);
    }

    private Block Convert(BlockDescription block, List<Block> earlier)
    {
        string where = $"block {block.Name}";
        Named(block.Name, block.Summary, where);
        int offset = Offset(block.Offset, where);
        int? stride = block.Stride is null ? null : Offset(block.Stride, $"{where} stride");
        Check(stride is null == block.Count is null, $"{where}: an array has both stride and count.");
        Check(block.Count is null or >= 1, $"{where}: count must be 1 or more.");
        Check(block.Type is null == block.BlockVersion is null, $"{where}: type and blockVersion come together.");
        Check(block.Type is null or (>= 1 and <= 0xFFFF) && block.BlockVersion is null or (>= 1 and <= 0xFFFF), $"{where}: type and blockVersion must lie in 1 to 65535.");

        IReadOnlyList<Register> registers = block.Registers.Select(r => Convert(r, where)).ToList();
        if (block.SameAs is { } sameAs)
        {
            Block? model = earlier.Find(b => string.Equals(b.Name, sameAs, StringComparison.Ordinal));
            Check(model is not null, $"{where}: sameAs names {sameAs}, which is no earlier block.");
            Check(block.Registers.Count == 0, $"{where}: sameAs and registers exclude each other.");
            Check(stride is not null, $"{where}: sameAs is for array blocks.");
            registers = model?.Registers ?? registers;
        }

        Check(registers.Count != 0, $"{where}: it has no registers.");
        Unique(registers.Select(static r => r.Name), $"{where}: register");
        Check(block.CountersOffset is null == (block.Counters.Count == 0), $"{where}: counters and countersOffset come together.");
        int countersOffset = block.CountersOffset is null ? 0 : Offset(block.CountersOffset, $"{where} countersOffset");
        Unique(block.Counters.Select(static c => c.Name), $"{where}: counter");
        foreach (CounterDescription counter in block.Counters)
        {
            Check(SnakeCase().IsMatch(counter.Name), $"{where}: counter name '{counter.Name}' is not lower_case_with_underscores.");
            Check(!string.IsNullOrWhiteSpace(counter.Summary), $"{where}, counter {counter.Name}: the summary is empty.");
        }

        var result = new Block(
            block.Name, block.Summary, offset, stride, block.Count ?? 1, block.Type, block.BlockVersion, block.SameAs, registers, countersOffset,
            block.Counters.Select(static c => new Counter(c.Name, c.Summary)).ToList());
        var spans = registers.Select(static r => (r.Name, r.Offset, 4 * r.Count)).ToList();
        if (block.Counters.Count != 0)
        {
            spans.Add(("counters", countersOffset, 8 * block.Counters.Count));
        }

        NoOverlap(spans, $"{where}: registers");
        Check(stride is null || stride >= result.Extent, $"{where}: stride 0x{stride:X} is smaller than its {result.Extent} bytes of registers.");
        Check(offset + result.Size <= AddressSpace, $"{where}: it ends beyond the address space of 0x{AddressSpace:X} bytes.");
        if (block.Type is not null)
        {
            Check(registers.Any(static r => r is { Name: "BlockHeader", Offset: 0 }), $"{where}: a block with a type has BlockHeader at offset 0.");
            Check(registers.Any(static r => r is { Name: "NextBlock", Offset: 4 }), $"{where}: a block with a type has NextBlock at offset 4.");
        }

        return result;
    }

    private Register Convert(RegisterDescription register, string block)
    {
        string where = $"{block}, register {register.Name}";
        Named(register.Name, register.Summary, where);
        Check(register.Access is "ro" or "rw" or "w1" or "wo", $"{where}: access '{register.Access}' is none of ro, rw, w1, wo.");
        Check(register.Count is null or >= 1, $"{where}: count must be 1 or more.");
        return new Register(
            register.Name, register.Summary, Offset(register.Offset, where), register.Count ?? 1, register.Access, Fields(register.Fields, 1, where, isFormat: false));
    }

    private Format Convert(FormatDescription format)
    {
        string where = $"format {format.Name}";
        Named(format.Name, format.Summary, where);
        Check(format.Words is >= 1 and <= 64, $"{where}: words must lie in 1 to 64.");
        Check(format.Fields.Count != 0, $"{where}: it has no fields.");
        return new Format(format.Name, format.Summary, format.Words, Fields(format.Fields, format.Words, where, isFormat: true));
    }

    private List<Field> Fields(IReadOnlyList<FieldDescription> fields, int words, string where, bool isFormat)
    {
        var result = new List<Field>();
        foreach (FieldDescription field in fields)
        {
            string what = $"{where}, field {field.Name}";
            Named(field.Name, field.Summary, what);
            Check(field.Word is null != isFormat, isFormat ? $"{what}: word is missing." : $"{what}: word is for formats only.");
            int word = field.Word ?? 0;
            Check(word >= 0 && word < words, $"{what}: word {word} is not in 0 to {words - 1}.");
            (int high, int low) = Bits(field.Bits, what);
            result.Add(new Field(field.Name, field.Summary, word, low, high - low + 1));
        }

        Unique(result.Select(static f => f.Name), $"{where}: field");
        NoOverlap(result.Select(static f => (f.Name, (32 * f.Word) + f.Low, f.Width)), $"{where}: fields");
        return result;
    }

    private Enumeration Convert(EnumDescription description, List<Format> formats)
    {
        string where = $"enum {description.Name}";
        Named(description.Name, description.Summary, where);
        int width = formats.SelectMany(static f => f.Fields)
            .Where(f => string.Equals(f.Name, description.Name, StringComparison.Ordinal)).Select(static f => f.Width).DefaultIfEmpty(32).Min();
        foreach (EnumValueDescription value in description.Values)
        {
            Named(value.Name, value.Summary, $"{where}, value {value.Name}");
            Check(value.Value >= 0 && (long)value.Value < 1L << width, $"{where}, value {value.Name}: {value.Value} does not fit {width} bits.");
        }

        Check(description.Values.Count != 0, $"{where}: it has no values.");
        Unique(description.Values.Select(static v => v.Name), $"{where}: value");
        Unique(description.Values.Select(static v => v.Value.ToString(CultureInfo.InvariantCulture)), $"{where}: number");
        return new Enumeration(description.Name, description.Summary, width, description.Values.Select(static v => new EnumValue(v.Name, v.Summary, v.Value)).ToList());
    }

    private void Named(string name, string summary, string where)
    {
        Check(PascalCase().IsMatch(name), $"{where}: '{name}' is not a PascalCase name.");
        Check(!string.IsNullOrWhiteSpace(summary), $"{where}: the summary is empty.");
    }

    private (int High, int Low) Bits(string text, string where)
    {
        string[] parts = text.Split(':');
        if (parts.Length <= 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int high)
            && int.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int low)
            && low <= high && high <= 31)
        {
            return (high, low);
        }

        _errors.Add($"{where}: bits '{text}' is neither a bit (\"4\") nor a range (\"15:8\") within 31:0.");
        return (0, 0);
    }

    private int Offset(string text, string where)
    {
        uint value = Number(text, where);
        Check(value % 4 == 0, $"{where}: 0x{value:X} is not a multiple of 4.");
        Check(value < AddressSpace, $"{where}: 0x{value:X} is beyond the address space of 0x{AddressSpace:X} bytes.");
        return (int)Math.Min(value, AddressSpace);
    }

    private uint Number(string text, string where)
    {
        if (text.StartsWith("0x", StringComparison.Ordinal)
            && uint.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint value))
        {
            return value;
        }

        _errors.Add($"{where}: '{text}' is not a hexadecimal number such as \"0x10\".");
        return 0;
    }

    private void Unique(IEnumerable<string> names, string what)
    {
        foreach (IGrouping<string, string> group in names.GroupBy(static n => n, StringComparer.OrdinalIgnoreCase).Where(static g => g.Count() > 1))
        {
            _errors.Add($"{what} '{group.Key}' appears {group.Count()} times.");
        }
    }

    private void NoOverlap(IEnumerable<(string Name, int Start, int Length)> runs, string what)
    {
        (string Name, int Start, int Length)? widest = null;
        foreach ((string Name, int Start, int Length) run in runs.OrderBy(static r => r.Start))
        {
            if (widest is { } before && run.Start < before.Start + before.Length)
            {
                _errors.Add($"{what} {before.Name} and {run.Name} overlap.");
            }

            if (widest is not { } last || run.Start + run.Length > last.Start + last.Length)
            {
                widest = run;
            }
        }
    }

    private void Check(bool condition, string error)
    {
        if (!condition)
        {
            _errors.Add(error);
        }
    }
}
