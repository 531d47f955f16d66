namespace FpgaNet.Simulation.Fuzzing;

/// <summary>Leaves out what a failure does not need (Zeller and Hildebrandt's ddmin, IEEE TSE 28(2), 2002).</summary>
internal static class Shrinker
{
    /// <summary>A shorter list that still fails; the list itself when it does not fail again.</summary>
    public static IReadOnlyList<T> Shrink<T>(IReadOnlyList<T> all, Func<IReadOnlyList<T>, bool> fails, int attempts)
    {
        if (!fails(all))
        {
            return all;
        }

        int parts = 2;
        while (all.Count >= 2 && attempts > 0)
        {
            int size = (all.Count + parts - 1) / parts;
            bool shrunk = false;
            for (int at = 0; at < all.Count && attempts-- > 0; at += size)
            {
                T[] rest = [.. all.Take(at), .. all.Skip(at + size)];
                if (fails(rest))
                {
                    all = rest;
                    parts = Math.Max(parts - 1, 2);
                    shrunk = true;
                    break;
                }
            }

            if (!shrunk)
            {
                if (size == 1)
                {
                    break;
                }

                parts = Math.Min(parts * 2, all.Count);
            }
        }

        return all;
    }
}
