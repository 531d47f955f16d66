using FpgaNet.Packets.Buffers;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Network.Fragments;
using FpgaNet.Testing;

namespace FpgaNet.Stack.Tests.Fragments;

[TestClass]
public sealed class FragmenterTests
{
    [TestMethod]
    public void An_IPv4_datagram_is_cut_at_multiples_of_eight_that_fill_the_link()
    {
        using DatagramFactory factory = new();
        byte[] payload = DatagramFactory.Payload(3000);
        List<Frame> fragments = factory.Cut(factory.Whole(true, payload), 1500, 0xABCD1234);
        int[] lengths = [1480, 1480, 40];
        Assert.HasCount(lengths.Length, fragments);
        for (int i = 0; i < lengths.Length; i++)
        {
            Assert.IsTrue(IPv4Header.TryParse(fragments[i].Header.Span[EthernetHeader.Length..], out IPv4Header header));
            Assert.IsTrue(header.ChecksumIsGood);
            Assert.AreEqual(0x1234, header.Identification);
            Assert.IsFalse(header.DontFragment);
            Assert.AreEqual(i < 2, header.MoreFragments);
            Assert.AreEqual(i * 1480, header.FragmentOffset);
            Assert.AreEqual(lengths[i], header.PayloadLength);
            CollectionAssert.AreEqual(payload.Skip(i * 1480).Take(lengths[i]).ToArray(), header.Payload.ToArray());
            fragments[i].Release();
        }
    }

    [TestMethod]
    public void An_IPv6_datagram_gets_a_fragment_header_in_each_fragment()
    {
        using DatagramFactory factory = new();
        byte[] payload = DatagramFactory.Payload(3000);
        List<Frame> fragments = factory.Cut(factory.Whole(false, payload), 1280, 0xABCD1234);
        int[] lengths = [1232, 1232, 536];
        Assert.HasCount(lengths.Length, fragments);
        for (int i = 0; i < lengths.Length; i++)
        {
            Assert.IsTrue(IPv6Header.TryParse(fragments[i].Header.Span[EthernetHeader.Length..], out IPv6Header header));
            Assert.AreEqual(IpProtocol.FragmentHeader, header.NextHeader);
            Assert.AreEqual(new IPv6FragmentHeader(IpProtocol.Udp, i * 1232, i < 2, 0xABCD1234), IPv6FragmentHeader.Read(header.Payload));
            CollectionAssert.AreEqual(payload.Skip(i * 1232).Take(lengths[i]).ToArray(), header.Payload[IPv6FragmentHeader.Length..].ToArray());
            fragments[i].Release();
        }
    }

    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Payload_is_referred_to_and_short_slices_make_shorter_fragments(bool ipv4)
    {
        using DatagramFactory factory = new();
        byte[] payload = DatagramFactory.Payload(1000);
        Frame whole = factory.Whole(ipv4, payload, 10, 11, 971);
        Fragmenter fragmenter = new(ref whole, EthernetHeader.Length, 600, 1);
        int headers = EthernetHeader.Length + (ipv4 ? IPv4Header.MinimumLength : IPv6Header.Length + IPv6FragmentHeader.Length);
        byte[] all = new byte[payload.Length];
        int at = 0;
        while (!fragmenter.IsDone)
        {
            Assert.IsTrue(fragmenter.TryNext(factory.Pool.TryRent()!.Value, out Frame fragment));
            int length = fragment.Length - headers;
            if (at == 0)
            {
                Assert.AreEqual(headers + 24, fragment.Header.Length, "the transport's header stands with the others, and here all that three slices have");
            }
            else
            {
                Assert.AreEqual(headers, fragment.Header.Length);
                Assert.IsTrue(fragment[1].Address >= whole.Header.Buffer.Address && fragment[1].Address < whole.Header.Buffer.Address + whole.Header.Buffer.Capacity, "copied");
            }

            fragment.CopyTo(headers, all.AsSpan(at, length));
            at += length;
            fragment.Release();
        }

        CollectionAssert.AreEqual(payload, all);
        whole.Release();
    }

    [TestMethod]
    public void Slices_too_short_for_any_fragment_end_the_cutting()
    {
        using DatagramFactory factory = new();
        Frame whole = factory.Whole(true, DatagramFactory.Payload(203), 1, 1, 1);
        Frame tail = new(whole.Header.Slice(0, EthernetHeader.Length + IPv4Header.MinimumLength + 1));
        tail.Add(whole[1]);
        tail.Add(whole[2]);
        tail.Add(whole.Header.Slice(100, 100));
        Fragmenter fragmenter = new(ref tail, EthernetHeader.Length, 68, 1);
        PacketBuffer header = factory.Pool.TryRent()!.Value;
        Assert.IsFalse(fragmenter.TryNext(header, out _));
        Assert.IsFalse(fragmenter.IsDone);
        header.Release();
        whole.Release();
    }

    // RFC 6864 §4.3: unique per source, destination and protocol. RFC 7739 §5: not to be told from what another destination sees.
    [TestMethod]
    public void Identifications_do_not_repeat_and_tell_nothing_about_others()
    {
        FragmentIdentification identification = new(TestSeed.Take() is var seed ? (ulong)seed : 0);
        HashSet<ushort> seen = [];
        IpAddress source = DatagramFactory.Source4;
        for (int i = 0; i < 65536; i++)
        {
            Assert.IsTrue(seen.Add((ushort)identification.Next(source, DatagramFactory.Destination4, IpProtocol.Udp)), "a number came twice");
        }

        HashSet<uint> distances = [];
        for (uint i = 0; i < 100; i++)
        {
            uint here = identification.Next(source, new IPv4Address(0xC6336400 + i), IpProtocol.Udp);
            uint there = identification.Next(source, new IPv4Address(0xC6336400 + i + 1), IpProtocol.Udp);
            distances.Add(there - here);
        }

        Assert.IsGreaterThan(95, distances.Count);
    }

    // Vectors of the reference implementation: key 00..0f, input 00, 01, 02 ... of growing length.
    [TestMethod]
    [DataRow(0, 0x726fdb47dd0e0e31UL)]
    [DataRow(1, 0x74f839c593dc67fdUL)]
    [DataRow(7, 0xab0200f58b01d137UL)]
    [DataRow(8, 0x93f5f5799a932462UL)]
    [DataRow(15, 0xa129ca6149be45e5UL)]
    public void SipHash_gives_the_published_values(int length, ulong expected)
    {
        SipHash hash = new(0x0706050403020100, 0x0f0e0d0c0b0a0908);
        Assert.AreEqual(expected, hash.Compute(Enumerable.Range(0, length).Select(i => (byte)i).ToArray()));
    }
}
