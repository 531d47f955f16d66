using FpgaNet.Stack.Time;
using FpgaNet.Stack.Transport.Tcp;
using FpgaNet.Testing;

namespace FpgaNet.Stack.Tests;

/// <summary>The search for the path's MTU as a class of its own (RFC 4821 §7, RFC 8899 §5).</summary>
[TestClass]
public sealed class PathMtuSearchTests
{
    private static readonly Instant s_start = new(1000);

    [TestMethod]
    public void After_a_fall_what_had_been_is_tried_first()
    {
        PathMtuSearch search = new(1500, 1500);
        Assert.AreEqual(0, search.Next(s_start), "all that can be had");
        search.Fall(1200);
        Assert.AreEqual((1200, 1500), (search.Size, search.Next(s_start)));
        search.Succeeded(1500);
        Assert.AreEqual((1500, 0), (search.Size, search.Next(s_start)));
    }

    [TestMethod]
    public void A_size_is_given_up_after_three_losses()
    {
        PathMtuSearch search = new(1500, 1500);
        search.Fall(1200);
        Assert.IsFalse(search.Failed(1500));
        Assert.IsFalse(search.Failed(1500));
        Assert.AreEqual(1500, search.Next(s_start));
        Assert.IsTrue(search.Failed(1500));
        Assert.AreEqual(1400, search.Next(s_start), "the common size that is nearest to the middle");
    }

    [TestMethod]
    [DataRow(1280, 1500)]
    [DataRow(1400, 1500)]
    [DataRow(1492, 1500)]
    [DataRow(1480, 9000)]
    [DataRow(1500, 9000)]
    [DataRow(9000, 9000)]
    public void A_common_size_is_found_to_the_byte(int path, int most)
    {
        (int size, int probes) = Find(path, most, 1200);
        Assert.AreEqual(path, size);
        Assert.IsLessThan(40, probes);
    }

    [TestMethod]
    public void Any_size_is_found_but_for_a_few_bytes()
    {
        Random random = TestSeed.Random();
        for (int i = 0; i < 1000; i++)
        {
            int most = random.Next(1280, 20_000);
            int path = random.Next(1200, most + 1);
            (int size, int probes) = Find(path, most, 1200);
            Assert.IsLessThanOrEqualTo(path, size);
            Assert.IsGreaterThan(path - 16, size, $"{path} of {most}");
            Assert.IsLessThan(60, probes);
        }
    }

    [TestMethod]
    public void What_a_router_says_holds_for_ten_minutes()
    {
        PathMtuSearch search = new(1500, 1500);
        search.Reduce(1300, s_start);
        Assert.AreEqual(0, search.Next(s_start + TimeSpan.FromSeconds(599)));
        Assert.AreEqual(1500, search.Next(s_start + TimeSpan.FromSeconds(600)));
        search.Reduce(1280, s_start + TimeSpan.FromSeconds(601));
        Assert.AreEqual(0, search.Next(s_start + TimeSpan.FromSeconds(700)));
        search.Succeeded(1500);
        Assert.AreEqual(1280, search.Size, "a probe that was sent before counts no more");
    }

    private static (int Size, int Probes) Find(int path, int most, int from)
    {
        PathMtuSearch search = new(most, most);
        search.Fall(from);
        int probes = 0;
        for (int probe; (probe = search.Next(s_start)) != 0; probes++)
        {
            if (probe <= path)
            {
                search.Succeeded(probe);
            }
            else
            {
                search.Failed(probe);
            }
        }

        return (search.Size, probes);
    }
}
