using System.Net;
using FpgaNet.Packets.Offload;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Rx;

/// <summary>Parser, checksum verdicts and hash of the receive path at every width, against a plain reading of the RFCs.</summary>
[TestClass]
public sealed class RxTests
{
    // Microsoft, "Verifying the RSS Hash Calculation": key, and destination, source, hash over addresses, hash with TCP ports.
    private const string MicrosoftKey = "6d5a56da255b0ec24167253d43a38fb0d0ca2bcbae7b30b477cb2da38030f20c6a42b73bbeac01fa";

    [TestMethod]
    [DataRow(8, 0.0)]
    [DataRow(8, 0.3)]
    [DataRow(32, 0.0)]
    [DataRow(32, 0.3)]
    [DataRow(64, 0.0)]
    [DataRow(64, 0.3)]
    public void Random_packets_of_every_kind_are_found_out_as_the_reference_does(int width, double stall)
    {
        Random random = TestSeed.Random();
        using RxBench bench = new(width, random, stall);
        HashSet<HeaderWalk> walks = [];
        HashSet<(NetworkProtocol, TransportProtocol, ChecksumVerdict, ChecksumVerdict, bool)> seen = [];
        for (int round = 0; round < 12; round++)
        {
            // The first rounds without a gap between or in frames have every feature on, so that nothing hides.
            byte[] key = new byte[40];
            random.NextBytes(key);
            RxReference reference = bench.Configure(new RxReference
            {
                Key = key,
                HashTypes = round < 6 ? 0x7E : (uint)random.Next(0x80) & 0x7E,
                ChecksumEnable = round != 7,
                HashEnable = round != 8,
            });
            RandomPackets packets = new(random);
            List<byte[]> frames = [.. Enumerable.Range(0, 150).Select(_ => packets.Next())];
            List<RxFindings> found = bench.Run(frames);
            for (int i = 0; i < frames.Count; i++)
            {
                RxFindings expected = reference.Examine(frames[i]);
                Assert.AreEqual(expected, found[i], $"round {round}, frame {i}: {Convert.ToHexString(frames[i])}");
                walks.Add(expected.Headers);
                seen.Add((expected.Network, expected.Transport, expected.NetworkChecksum, expected.TransportChecksum, expected.Fragment));
            }

            Assert.HasCount(frames.Count, found);
        }

        // The test means something only if the packets were of all these kinds.
        foreach (TransportProtocol transport in (TransportProtocol[])[TransportProtocol.Tcp, TransportProtocol.Udp])
        {
            foreach (ChecksumVerdict verdict in (ChecksumVerdict[])[ChecksumVerdict.Good, ChecksumVerdict.Bad])
            {
                Assert.IsTrue(seen.Contains((NetworkProtocol.IPv4, transport, ChecksumVerdict.Good, verdict, false)));
                Assert.IsTrue(seen.Contains((NetworkProtocol.IPv6, transport, ChecksumVerdict.Unknown, verdict, false)));
            }
        }

        Assert.IsTrue(seen.Any(s => s.Item1 == NetworkProtocol.IPv4 && s.Item5));
        Assert.IsTrue(seen.Any(s => s.Item1 == NetworkProtocol.IPv6 && s.Item5));
        Assert.IsTrue(seen.Any(s => s.Item2 == TransportProtocol.Icmp));
        Assert.IsTrue(seen.Any(s => s.Item3 == ChecksumVerdict.Bad));
        Assert.HasCount(4, walks, "not every end of the walk was met");
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void Microsofts_vectors_for_the_hash_come_out(int width)
    {
        (string Destination, string Source, uint Addresses, uint Ports)[] vectors =
        [
            ("161.142.100.80:1766", "66.9.149.187:2794", 0x323e8fc2, 0x51ccc178),
            ("65.69.140.83:4739", "199.92.111.2:14230", 0xd718262a, 0xc626b0ea),
            ("12.22.207.184:38024", "24.19.198.95:12898", 0xd2d0a5de, 0x5c2b394a),
            ("209.142.163.6:2217", "38.27.205.30:48228", 0x82989176, 0xafc7327f),
            ("202.188.127.2:1303", "153.39.163.191:44251", 0x5d1809c5, 0x10e828a2),
            ("[3ffe:2501:200:3::1]:1766", "[3ffe:2501:200:1fff::7]:2794", 0x2cc18cd5, 0x40207d3d),
            ("[ff02::1]:4739", "[3ffe:501:8::260:97ff:fe40:efab]:14230", 0x0f0c461c, 0xdde51bbf),
            ("[fe80::200:f8ff:fe21:67cf]:38024", "[3ffe:1900:4545:3:200:f8ff:fe21:67cf]:44251", 0x4b61e985, 0x02d1feef),
        ];
        byte[][] frames = [.. vectors.Select(v => TcpSegment(IPEndPoint.Parse(v.Source), IPEndPoint.Parse(v.Destination)))];
        using RxBench bench = new(width, new Random(1), stall: 0);

        bench.Configure(new RxReference { Key = Convert.FromHexString(MicrosoftKey) });
        CollectionAssert.AreEqual(vectors.Select(v => v.Ports).ToArray(), bench.Run(frames).Select(f => f.Hash).ToArray());

        bench.Configure(new RxReference { Key = Convert.FromHexString(MicrosoftKey), HashTypes = 0x12 }); // IPv4 and IPv6 addresses only
        CollectionAssert.AreEqual(vectors.Select(v => v.Addresses).ToArray(), bench.Run(frames).Select(f => f.Hash).ToArray());
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void The_shortest_frames_are_hashed_as_fast_as_they_can_come(int width)
    {
        // On the wire preamble, check sequence and gap take 24 byte times more than the frame.
        Random random = TestSeed.Random();
        List<byte[]> frames = [.. Enumerable.Range(0, 300).Select(_ => ShortestOverIPv6(random, trailer: 24))];
        using RxBench bench = new(width, random, stall: 0);
        RxReference reference = bench.Configure(new RxReference { Key = Convert.FromHexString(MicrosoftKey) });
        List<RxFindings> found = bench.Run(frames);
        Assert.IsTrue(found.All(f => f.HashType == RssHashType.UdpIPv6), "a frame went up without its hash");
        CollectionAssert.AreEqual(frames.Select(f => reference.Examine(f).Hash).ToArray(), found.Select(f => f.Hash).ToArray());
    }

    [TestMethod]
    public void Closer_than_any_wire_brings_them_frames_go_up_without_hash_and_none_is_lost()
    {
        Random random = TestSeed.Random();
        List<byte[]> frames = [.. Enumerable.Range(0, 300).Select(_ => ShortestOverIPv6(random, trailer: 0))];
        using RxBench bench = new(64, random, stall: 0);
        RxReference reference = bench.Configure(new RxReference { Key = Convert.FromHexString(MicrosoftKey) });
        List<RxFindings> found = bench.Run(frames);
        for (int i = 0; i < frames.Count; i++)
        {
            RxFindings expected = reference.Examine(frames[i]);
            Assert.AreEqual(found[i].HashType == RssHashType.None ? expected with { HashType = RssHashType.None, Hash = 0 } : expected, found[i], $"frame {i}");
        }

        Assert.IsTrue(found.Any(f => f.HashType == RssHashType.None), "the queue never filled up, so nothing was tested");
        Assert.IsTrue(found.Skip(100).Any(f => f.HashType == RssHashType.UdpIPv6), "the unit did not recover");
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(32)]
    [DataRow(64)]
    public void An_extension_header_that_runs_past_its_packet_is_malformed(int width)
    {
        // Destination options that say 40 bytes in a packet that has 16 behind the IPv6 header; what follows is Ethernet's padding.
        Random random = TestSeed.Random();
        byte[] frame = new byte[90];
        random.NextBytes(frame);
        frame[12] = 0x86;
        frame[13] = 0xDD;
        frame[14] = 0x60;
        frame[18] = 0;
        frame[19] = 16;
        frame[20] = 60;
        frame[54] = 17;
        frame[55] = 4;
        using RxBench bench = new(width, random, stall: 0);
        RxReference reference = bench.Configure(new RxReference { Key = Convert.FromHexString(MicrosoftKey) });
        RxFindings found = bench.Run([frame]).Single();
        Assert.AreEqual(HeaderWalk.Malformed, found.Headers);
        Assert.AreEqual(reference.Examine(frame), found);
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(64)]
    public void A_key_word_reads_back_and_is_0_before_it_is_written(int width)
    {
        using RxBench bench = new(width, new Random(1), stall: 0);
        Assert.AreEqual(0u, bench.ReadKey(3));
        byte[] key = Convert.FromHexString(MicrosoftKey);
        bench.Configure(new RxReference { Key = key });
        Assert.AreEqual(0x4167253du, bench.ReadKey(2));
        Assert.AreEqual(0xbeac01fau, bench.ReadKey(9));
    }

    // 62 bytes: UDP without data over IPv6, nine words to hash.
    private static byte[] ShortestOverIPv6(Random random, int trailer)
    {
        byte[] frame = new byte[62 + trailer];
        random.NextBytes(frame.AsSpan(22, 36)); // addresses and ports
        (frame[12], frame[13], frame[14]) = (0x86, 0xDD, 0x60);
        (frame[18], frame[19], frame[20]) = (0, 8, 17);
        return frame;
    }

    private static byte[] TcpSegment(IPEndPoint source, IPEndPoint destination)
    {
        byte[] from = source.Address.GetAddressBytes();
        byte[] to = destination.Address.GetAddressBytes();
        byte[] ports = [(byte)(source.Port >> 8), (byte)source.Port, (byte)(destination.Port >> 8), (byte)destination.Port];
        byte[] tcp = [.. ports, .. new byte[16]];
        byte[] ip = from.Length == 4
            ? [0x45, 0, 0, 40, 0, 0, 0, 0, 64, 6, 0, 0, .. from, .. to]
            : [0x60, 0, 0, 0, 0, 20, 6, 64, .. from, .. to];
        byte[] frame = [.. new byte[12], .. from.Length == 4 ? new byte[] { 8, 0 } : [0x86, 0xDD], .. ip, .. tcp];
        return frame.Length < 60 ? [.. frame, .. new byte[60 - frame.Length]] : frame;
    }
}
