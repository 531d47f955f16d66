using System.Globalization;
using System.Text;
using FpgaNet.Simulation;
using FpgaNet.Simulation.Scenarios;
using FpgaNet.Stack.Transport.Tcp.Congestion;

namespace FpgaNet.Soak;

/// <summary>Draws what each congestion control does on one path: its window and the bottleneck's queue over time, alone for half of it and then with a second flow of its kind.</summary>
internal static class CongestionFigure
{
    private const double BitsPerSecond = 50e6;
    private const double RoundTrip = 0.04;
    private const double Seconds = 40;
    private const double Step = 0.1;
    private const int Width = 900;
    private const int PanelHeight = 170;
    private const int Left = 30;
    private const int Right = 20;
    private const int Top = 46;

    private static readonly double s_path = BitsPerSecond / 8 * RoundTrip;

    /// <summary>Runs all and writes the picture.</summary>
    /// <returns>0.</returns>
    public static int Write(string path)
    {
        StringBuilder svg = new();
        int height = Top + (CongestionControls.All.Count * (PanelHeight + 34)) + 20;
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\" font-family=\"sans-serif\" font-size=\"12\">\n");
        svg.Append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"18\" font-size=\"14\">Congestion windows on 50 Mb/s and 40 ms; a second flow of the same kind begins at 20 s</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"36\" fill=\"#555\">in units of what the path itself holds (250 kB, and as much again in its queue): <tspan fill=\"#1f77b4\">first flow</tspan>, <tspan fill=\"#d62728\">second flow</tspan>, <tspan fill=\"#999\">queue</tspan></text>\n");
        int y = Top;
        foreach ((string name, Func<ICongestionControl> make) in CongestionControls.All)
        {
            Panel(svg, name, make, y);
            y += PanelHeight + 34;
        }

        svg.Append("</svg>\n");
        File.WriteAllText(path, svg.ToString());
        Console.WriteLine($"wrote {path}");
        return 0;
    }

    private static void Panel(StringBuilder svg, string name, Func<ICongestionControl> make, int y)
    {
        const double Most = 3;
        (double[] first, double[] second, double[] queue, double utilisation) = Measure(make);
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left}\" y=\"{y + 14}\" font-weight=\"bold\">{name}</text><text x=\"{Left + 70}\" y=\"{y + 14}\" fill=\"#555\">{utilisation:P0} of the link used</text>\n");
        y += 20;
        for (int i = 0; i <= Most; i++)
        {
            double at = y + PanelHeight - (i / Most * PanelHeight);
            svg.Append(CultureInfo.InvariantCulture, $"<line x1=\"{Left}\" x2=\"{Width - Right}\" y1=\"{at:F1}\" y2=\"{at:F1}\" stroke=\"#eee\"/><text x=\"{Left - 8}\" y=\"{at + 4:F1}\" text-anchor=\"end\">{i}</text>\n");
        }

        for (int t = 0; t <= Seconds; t += 10)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{X(t):F1}\" y=\"{y + PanelHeight + 13}\" text-anchor=\"middle\" fill=\"#555\">{t} s</text>\n");
        }

        Line(svg, queue, "#999", y, Most);
        Line(svg, first, "#1f77b4", y, Most);
        Line(svg, second, "#d62728", y, Most);
    }

    private static void Line(StringBuilder svg, double[] values, string color, int y, double most)
    {
        svg.Append(CultureInfo.InvariantCulture, $"<polyline fill=\"none\" stroke=\"{color}\" points=\"");
        for (int i = 0; i < values.Length; i++)
        {
            if (values[i] >= 0)
            {
                svg.Append(CultureInfo.InvariantCulture, $"{X(i * Step):F1},{y + PanelHeight - (Math.Min(values[i] / s_path, most) / most * PanelHeight):F1} ");
            }
        }

        svg.Append("\"/>\n");
    }

    private static double X(double seconds) => Left + (seconds / Seconds * (Width - Left - Right));

    private static (double[] First, double[] Second, double[] Queue, double Utilisation) Measure(Func<ICongestionControl> make)
    {
        using VirtualNetwork network = new(1);
        LinkModel model = new() { BitsPerSecond = (long)BitsPerSecond, Delay = TimeSpan.FromSeconds(RoundTrip / 2), QueueBytes = (int)s_path, QueueFrames = int.MaxValue };
        HostModel host = new()
        {
            Tcp = VirtualNetwork.SmallPools with
            {
                ReceiveBufferSize = 4 << 20,
                SendBufferSize = 4 << 20,
                SendChunks = 400,
                ReceiveChunks = 400,
                CongestionControl = make,
            },
        };
        Dumbbell path = new(network, 2, model, host: _ => host);
        BulkFlow one = new(network, path.Senders[0], path.Receivers[0], 80);
        BulkFlow? two = null;
        int steps = (int)(Seconds / Step);
        double[] first = new double[steps];
        double[] second = new double[steps];
        double[] queue = new double[steps];
        for (int i = 0; i < steps; i++)
        {
            if (i == steps / 2)
            {
                two = new BulkFlow(network, path.Senders[1], path.Receivers[1], 81);
            }

            network.Run(TimeSpan.FromSeconds(Step));
            first[i] = one.Sender!.GetStatistics().CongestionWindow;
            second[i] = two?.Sender!.GetStatistics().CongestionWindow ?? -1;
            queue[i] = path.Bottleneck.QueuedBytes;
        }

        double utilisation = path.Bottleneck.BytesDelivered * 8 / (BitsPerSecond * Seconds);
        one.Abort();
        two!.Abort();
        return (first, second, queue, utilisation);
    }
}
