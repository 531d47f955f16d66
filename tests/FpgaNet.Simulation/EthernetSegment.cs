using FpgaNet.Packets.Wire;

namespace FpgaNet.Simulation;

/// <summary>
/// A switch that knows all stations from the start: a frame goes to the station that it names, a group's or broadcast to all others. As a hub it goes to
/// all others always.
/// </summary>
public sealed class EthernetSegment
{
    private readonly List<Station> _stations = [];

    internal EthernetSegment(string name) => Name = name;

    public string Name { get; }

    /// <summary>Everybody hears everything.</summary>
    public bool IsHub { get; set; }

    /// <summary>Plugs a station in.</summary>
    /// <param name="address">Its address.</param>
    /// <param name="toStation">The link from here to it.</param>
    /// <returns>Where the station's own link leads.</returns>
    internal IWireEnd Plug(MacAddress address, Link toStation)
    {
        Station station = new(this, address, toStation);
        _stations.Add(station);
        return station;
    }

    /// <summary>One socket of the switch.</summary>
    private sealed class Station(EthernetSegment segment, MacAddress address, Link toStation) : IWireEnd
    {
        public void Deliver(WireFrame frame)
        {
            if (frame.Bytes.Length < EthernetHeader.Length)
            {
                return;
            }

            MacAddress to = MacAddress.Read(frame.Bytes);
            foreach (Station other in segment._stations)
            {
                if (other != this && (segment.IsHub || to.IsMulticast || to == other.Address))
                {
                    other.Link.Send(frame);
                }
            }
        }

        private MacAddress Address { get; } = address;

        private Link Link { get; } = toStation;
    }
}
