using System.Text.Json.Nodes;

namespace FpgaNet.Synthesis;

/// <summary>One module of a netlist as Yosys' <c>write_json</c> writes it, with what every net is read by.</summary>
internal sealed class Netlist
{
    private readonly JsonObject _cells;
    private readonly Dictionary<string, List<Pin>> _readers = new(StringComparer.Ordinal);

    /// <summary>A view; edits through it change <paramref name="module"/>.</summary>
    public Netlist(JsonObject module)
    {
        _cells = Object(module, "cells");
        foreach ((string name, JsonNode? port) in Object(module, "ports"))
        {
            Read(port!["bits"]!.AsArray(), new Pin(null, name));
        }

        foreach (Cell cell in Cells)
        {
            foreach ((string port, JsonNode? bits) in cell.Connections.Where(p => !cell.IsOutput(p.Key)))
            {
                Read(bits!.AsArray(), new Pin(cell, port));
            }
        }
    }

    /// <summary>The cells of the module.</summary>
    public IEnumerable<Cell> Cells => _cells.Select(static c => new Cell(c.Key, c.Value!.AsObject()));

    /// <summary>The cells' inputs and the module's own ports that a net goes to. A net of the module's port counts, whichever its direction.</summary>
    public IReadOnlyList<Pin> Readers(string? net) => net is not null && _readers.TryGetValue(net, out List<Pin>? readers) ? readers : [];

    /// <summary>Takes a cell out. The nets that it read keep it among their readers.</summary>
    public void Remove(Cell cell) => _cells.Remove(cell.Name);

    private void Read(JsonArray bits, Pin reader)
    {
        foreach (JsonNode? bit in bits)
        {
            string net = bit!.ToString();
            if (!_readers.TryGetValue(net, out List<Pin>? readers))
            {
                _readers[net] = readers = [];
            }

            readers.Add(reader);
        }
    }

    private static JsonObject Object(JsonObject parent, string name) => parent[name]?.AsObject() ?? [];
}

/// <summary>An input of a cell, or a port of the module where <paramref name="Cell"/> is null.</summary>
internal readonly record struct Pin(Cell? Cell, string Port);

/// <summary>A cell: its type, its parameters as text, and the nets at its ports (<c>"0"</c> and <c>"1"</c> are constants).</summary>
internal sealed class Cell(string name, JsonObject json)
{
    public string Name => name;

    public string Type => json["type"]!.GetValue<string>();

    public JsonObject Connections => json["connections"]!.AsObject();

    public bool IsOutput(string port) => string.Equals(json["port_directions"]?[port]?.GetValue<string>(), "output", StringComparison.Ordinal);

    /// <summary>Whether the designer asked for the cell to stay (<c>(* keep *)</c>).</summary>
    public bool IsKept => json["attributes"]?["keep"] is not null;

    /// <summary>A parameter, or what it is when it is not given. A text that looks like a binary number ends in a space in Yosys' files.</summary>
    public string Parameter(string parameter, string otherwise) => json["parameters"]?[parameter]?.GetValue<string>().TrimEnd(' ') ?? otherwise;

    public void SetParameter(string parameter, string value) => json["parameters"]![parameter] = value;

    /// <summary>The net at a port of one bit; null where nothing is connected.</summary>
    public string? Net(string port) => Connections[port] is JsonArray { Count: 1 } bits ? bits[0]!.ToString() : null;

    /// <summary>Connects a port of one bit to what another cell's port is connected to, or to a constant.</summary>
    public void Connect(string port, JsonNode bits) => Connections[port] = bits.DeepClone();
}
