using System.Text.Json;
using System.Text.Json.Serialization;

namespace FpgaNet.Registers;

/// <summary>hdl/regs/registers.json as it is written; numbers that are text there ("0x10", "15:0") are still text.</summary>
internal sealed record Description
{
    private static readonly JsonSerializerOptions s_options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    public required MapVersion Version { get; init; }

    public required string Magic { get; init; }

    public required IReadOnlyList<BlockDescription> Blocks { get; init; }

    public required IReadOnlyList<FormatDescription> Formats { get; init; }

    public required IReadOnlyList<EnumDescription> Enums { get; init; }

    /// <summary>Reads the text of registers.json.</summary>
    /// <exception cref="DescriptionException">It is not JSON, has an unknown property, or lacks a required one.</exception>
    public static Description Parse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize<Description>(json, s_options) ?? throw new DescriptionException(["The file holds null."]);
        }
        catch (JsonException e)
        {
            throw new DescriptionException([e.Message]);
        }
    }
}

internal sealed record MapVersion
{
    public required int Major { get; init; }

    public required int Minor { get; init; }
}

internal sealed record BlockDescription
{
    public required string Name { get; init; }

    public required string Offset { get; init; }

    public string? Stride { get; init; }

    public int? Count { get; init; }

    public int? Type { get; init; }

    public int? BlockVersion { get; init; }

    public required string Summary { get; init; }

    public string? SameAs { get; init; }

    /// <summary>The block that a card has at the same offset when it does not have this one.</summary>
    public string? InsteadOf { get; init; }

    public IReadOnlyList<RegisterDescription> Registers { get; init; } = [];

    public string? CountersOffset { get; init; }

    public IReadOnlyList<CounterDescription> Counters { get; init; } = [];
}

internal sealed record RegisterDescription
{
    public required string Name { get; init; }

    public required string Offset { get; init; }

    public required string Access { get; init; }

    public int? Count { get; init; }

    public required string Summary { get; init; }

    public IReadOnlyList<FieldDescription> Fields { get; init; } = [];
}

internal sealed record CounterDescription
{
    public required string Name { get; init; }

    public required string Summary { get; init; }
}

internal sealed record FieldDescription
{
    public required string Name { get; init; }

    public int? Word { get; init; }

    public required string Bits { get; init; }

    public required string Summary { get; init; }
}

internal sealed record FormatDescription
{
    public required string Name { get; init; }

    public required int Words { get; init; }

    public required string Summary { get; init; }

    public required IReadOnlyList<FieldDescription> Fields { get; init; }
}

internal sealed record EnumDescription
{
    public required string Name { get; init; }

    public required string Summary { get; init; }

    public required IReadOnlyList<EnumValueDescription> Values { get; init; }
}

internal sealed record EnumValueDescription
{
    public required string Name { get; init; }

    public required int Value { get; init; }

    public required string Summary { get; init; }
}
