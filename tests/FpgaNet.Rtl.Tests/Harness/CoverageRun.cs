using System.Globalization;
using FpgaNet.Sim;
using FpgaNet.Testing;

namespace FpgaNet.Rtl.Tests.Harness;

/// <summary>
/// Adds up what the coverage points (<c>hdl/sim/cover</c>) of all models have counted that a test made and disposed of within it. Tests in it get
/// their seeds from one that is fixed: the same run every time.
/// </summary>
public sealed class CoverageRun : IDisposable
{
    private static readonly AsyncLocal<CoverageRun?> s_current = new();

    private readonly Dictionary<(string Model, string Module, string Point), long> _hits = [];
    private readonly IDisposable _seeds;

    /// <param name="seed">Of the tests in it.</param>
    public CoverageRun(int seed)
    {
        _seeds = TestSeed.Fix(seed);
        s_current.Value = this;
    }

    public static CoverageRun? Current => s_current.Value;

    /// <summary>How often each point was hit, by the model, the module in it that the point is about, and the point's name.</summary>
    public IReadOnlyDictionary<(string Model, string Module, string Point), long> Hits => _hits;

    public void Add(VerilatedModel model)
    {
        string path = Path.GetTempFileName();
        try
        {
            if (model.TryWriteCoverage(path))
            {
                foreach (string line in File.ReadLines(path))
                {
                    Add(model.Name, line);
                }
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    public void Dispose()
    {
        s_current.Value = null;
        _seeds.Dispose();
    }

    // C '^Apage^Bv_user/fn_fifo_cover^Ao^Bfull^A...' 17, with other fields among them: Verilator's coverage format. A module with
    // parameters of its own has a suffix behind two underscores.
    private void Add(string model, string line)
    {
        const string User = "\u0001page\u0002v_user/", Label = "\u0001o\u0002";
        int page = line.IndexOf(User, StringComparison.Ordinal), label = line.IndexOf(Label, StringComparison.Ordinal);
        if (page < 0 || label < 0)
        {
            return;
        }

        string module = Field(line, page + User.Length);
        var key = (model, module[..module.IndexOf("_cover", StringComparison.Ordinal)], Field(line, label + Label.Length));
        _hits[key] = _hits.GetValueOrDefault(key) + long.Parse(line.AsSpan(line.LastIndexOf(' ') + 1), CultureInfo.InvariantCulture);
    }

    private static string Field(string line, int start) => line[start..line.IndexOfAny(['\u0001', '\''], start)];
}
