using FpgaNet.Packets.Buffers;

namespace FpgaNet.Packets.Tests.Buffers;

[TestClass]
public sealed class FrameTests
{
    [TestMethod]
    public void Bytes_are_copied_out_whatever_slices_they_lie_in()
    {
        using BufferPool pool = new(4, 64);
        Frame frame = default;
        byte next = 0;
        foreach (int length in (int[])[5, 0, 7, 3])
        {
            BufferSlice slice = new(pool.TryRent()!.Value, 11, length);
            for (int i = 0; i < length; i++)
            {
                slice.Span[i] = next++;
            }

            frame.Add(slice);
        }

        Assert.AreEqual(15, frame.Length);
        Assert.AreEqual(4, frame.SliceCount);
        for (int offset = 0; offset <= 15; offset++)
        {
            for (int length = 0; length <= 15 - offset; length++)
            {
                byte[] bytes = new byte[length];
                frame.CopyTo(offset, bytes);
                CollectionAssert.AreEqual(Enumerable.Range(offset, length).Select(static i => (byte)i).ToArray(), bytes);
            }
        }

        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => frame.CopyTo(10, new byte[6]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => frame.CopyTo(-1, new byte[1]));
        frame.Release();
        Assert.AreEqual(0, frame.Length);
        Assert.AreEqual(4, pool.Available);
    }

    [TestMethod]
    public void A_frame_holds_four_slices_and_one_reference_for_each()
    {
        using BufferPool pool = new(1, 64);
        PacketBuffer buffer = pool.TryRent()!.Value;
        Frame frame = new(new BufferSlice(buffer, 0, 10));
        for (int i = 1; i < Frame.MaxSlices; i++)
        {
            buffer.AddReference();
            frame.Add(new BufferSlice(buffer, 10 * i, 10));
        }

        Assert.AreEqual(4, buffer.References);
        Assert.ThrowsExactly<InvalidOperationException>(() => frame.Add(new BufferSlice(buffer, 0, 1)));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => frame[4]);
        frame.AddReferences();
        Assert.AreEqual(8, buffer.References);
        Frame copy = frame;
        copy.Release();
        Assert.AreEqual(4, buffer.References);
        frame.Release();
        Assert.AreEqual(1, pool.Available);
    }

    [TestMethod]
    public void A_part_of_a_slice_lies_inside_it()
    {
        using BufferPool pool = new(1, 64);
        BufferSlice slice = new(pool.TryRent()!.Value, 8, 16);
        Assert.AreEqual(new BufferSlice(slice.Buffer, 12, 4), slice.Slice(4, 4));
        Assert.AreEqual(slice.Buffer.Address + 8, slice.Address);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => slice.Slice(0, 17));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => slice.Slice(-1, 1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => slice.Slice(17, 0));
        slice.Release();
    }

    [TestMethod]
    public void An_extended_frame_lists_as_many_slices_as_its_list_holds_and_gives_all_of_them_back()
    {
        using BufferPool pool = new(20, 64);
        using BufferPool lists = new(1, 128);
        Frame frame = new(new BufferSlice(pool.TryRent()!.Value, 0, 3));
        frame.Extend(lists.TryRent()!.Value);
        Assert.AreEqual(4 + 8, frame.Capacity);
        Assert.ThrowsExactly<InvalidOperationException>(() => frame.Extend(default));
        for (int i = 1; i < 12; i++)
        {
            BufferSlice slice = new(pool.TryRent()!.Value, i, i);
            slice.Span.Fill((byte)i);
            frame.Add(slice);
        }

        Assert.ThrowsExactly<InvalidOperationException>(() => frame.Add(frame.Header));
        Assert.AreEqual(3 + 66, frame.Length);
        byte[] bytes = new byte[66];
        frame.CopyTo(3, bytes);
        CollectionAssert.AreEqual(Enumerable.Range(1, 11).SelectMany(static i => Enumerable.Repeat((byte)i, i)).ToArray(), bytes);
        frame.AddReferences();
        Frame copy = frame;
        copy.Release();
        Assert.AreEqual(8, pool.Available);
        Assert.AreEqual(11, frame[11].Length);
        frame.Release();
        Assert.AreEqual(20, pool.Available);
        Assert.AreEqual(1, lists.Available);
    }

    [TestMethod]
    public void What_follows_in_the_same_buffer_makes_the_last_slice_longer()
    {
        using BufferPool pool = new(3, 64);
        BufferSlice payload = new(pool.TryRent()!.Value, 0, 64);
        Frame frame = new(new BufferSlice(pool.TryRent()!.Value, 0, 14));
        payload.Buffer.AddReferences(3);
        Assert.IsTrue(frame.Append(payload.Slice(0, 10)));
        Assert.IsFalse(frame.Append(payload.Slice(10, 5)), "one reference is enough");
        Assert.IsTrue(frame.Append(payload.Slice(16, 4)), "a byte is missing between them");
        Assert.AreEqual(3, frame.SliceCount);
        Assert.AreEqual(15, frame[1].Length);
        Assert.AreEqual(33, frame.Length);
        payload.Buffer.Release(2);
        frame.Release();
        Assert.AreEqual(3, pool.Available);
    }

    [TestMethod]
    public void A_run_of_another_frames_bytes_is_appended_by_reference()
    {
        using BufferPool pool = new(4, 64);
        PacketBuffer buffer = pool.TryRent()!.Value;
        for (int i = 0; i < 64; i++)
        {
            buffer.Span[i] = (byte)i;
        }

        Frame source = new(new BufferSlice(buffer, 0, 10));
        buffer.AddReferences(2);
        source.Add(new BufferSlice(buffer, 20, 10));
        source.Add(new BufferSlice(buffer, 40, 10));
        Frame frame = new(new BufferSlice(pool.TryRent()!.Value, 0, 4));
        Assert.IsTrue(frame.TryAppend(source, 12, 13));
        Assert.AreEqual(3, frame.SliceCount);
        byte[] bytes = new byte[13];
        frame.CopyTo(4, bytes);
        CollectionAssert.AreEqual(new byte[] { 22, 23, 24, 25, 26, 27, 28, 29, 40, 41, 42, 43, 44 }, bytes);
        Assert.IsTrue(frame.TryAppend(source, 0, 1));
        Assert.IsFalse(frame.TryAppend(source, 0, 1), "a fifth slice");
        frame.Release();
        source.Release();
        Assert.AreEqual(pool.BufferCount, pool.Available);
    }
}
