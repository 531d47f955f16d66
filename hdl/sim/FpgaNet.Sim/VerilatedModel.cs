using System.Runtime.InteropServices;
using System.Text;

namespace FpgaNet.Sim;

/// <summary>
/// A Verilog module compiled by Verilator and loaded into the process: pins by name, and its clocks. Not thread-safe: one
/// thread at a time may touch a model, its pins included.
/// </summary>
/// <remarks>The library comes from <c>hdl/sim/Makefile</c> and has one C API for every module (<c>hdl/sim/shim/fn_shim.cpp</c>).</remarks>
public sealed unsafe class VerilatedModel : IDisposable
{
    private readonly Dictionary<string, Port> _ports = new(StringComparer.Ordinal);
    private readonly delegate* unmanaged[SuppressGCTransition]<nint, int> _eval;
    private readonly delegate* unmanaged[SuppressGCTransition]<nint, int, int> _tick;
    private readonly delegate* unmanaged[SuppressGCTransition]<nint, int> _settle;
    private readonly delegate* unmanaged[SuppressGCTransition]<nint, int> _rise;
    private readonly delegate* unmanaged<byte*, int, void> _failure;
    private readonly delegate* unmanaged<nint, void> _destroy;
    private nint _model;

    private VerilatedModel(string name, string path)
    {
        Name = name;
        nint library = NativeLibrary.Load(path);
        Library = library;
        _eval = (delegate* unmanaged[SuppressGCTransition]<nint, int>)NativeLibrary.GetExport(library, "fn_eval");
        _tick = (delegate* unmanaged[SuppressGCTransition]<nint, int, int>)NativeLibrary.GetExport(library, "fn_tick");
        _settle = (delegate* unmanaged[SuppressGCTransition]<nint, int>)NativeLibrary.GetExport(library, "fn_settle");
        _rise = (delegate* unmanaged[SuppressGCTransition]<nint, int>)NativeLibrary.GetExport(library, "fn_rise");
        _failure = (delegate* unmanaged<byte*, int, void>)NativeLibrary.GetExport(library, "fn_failure");
        _destroy = (delegate* unmanaged<nint, void>)NativeLibrary.GetExport(library, "fn_destroy");
        TraceOpen = NativeLibrary.GetExport(library, "fn_trace_open");

        _model = ((delegate* unmanaged<nint>)NativeLibrary.GetExport(library, "fn_create"))();
        int count = ((delegate* unmanaged<int>)NativeLibrary.GetExport(library, "fn_port_count"))();
        var describe = (delegate* unmanaged<nint, int, void**, int*, int*, byte*>)NativeLibrary.GetExport(library, "fn_port");
        for (int i = 0; i < count; i++)
        {
            void* address;
            int bits;
            int direction;
            string port = Marshal.PtrToStringUTF8((nint)describe(_model, i, &address, &bits, &direction))!;
            _ports.Add(port, new Port((byte*)address, bits, direction == 0));
        }
    }

    /// <summary>The model's name in <c>hdl/sim/models.mk</c>.</summary>
    public string Name { get; }

    private nint TraceOpen { get; }

    private nint Library { get; }

    /// <summary>
    /// Loads a model. Libraries lie under <c>build/verilated</c> of the repository, which is found by walking up from the program's
    /// folder to <c>FpgaNet.sln</c>, or where the environment variable <c>FPGANET_VERILATED</c> says.
    /// </summary>
    /// <param name="name">Its name in <c>hdl/sim/models.mk</c>.</param>
    /// <param name="trace">A waveform file (FST) to write from the start, or null. The model must be built for it (<c>NAME_trace</c>).</param>
    /// <exception cref="FileNotFoundException">The model has not been built.</exception>
    /// <exception cref="VerilatedModelException">The model failed in its initial blocks, or cannot trace.</exception>
    public static VerilatedModel Load(string name, string? trace = null)
    {
        string path = FindLibrary(name);
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"The simulated module '{name}' has not been built: run 'make -C hdl/sim {name}'.", path);
        }

        VerilatedModel model = new(name, path);
        try
        {
            model.ThrowIfFailed();
            if (trace is not null)
            {
                model.OpenTrace(trace);
            }
        }
        catch
        {
            model.Dispose();
            throw;
        }

        return model;
    }

    /// <summary>Whether a model's library has been built.</summary>
    /// <param name="name">Its name in <c>hdl/sim/models.mk</c>.</param>
    public static bool IsBuilt(string name) => File.Exists(FindLibrary(name));

    /// <summary>A pin. Ask once and keep the struct: reading and writing it costs as much as a variable.</summary>
    /// <param name="name">Its name in the Verilog module.</param>
    /// <exception cref="ArgumentException">There is no such pin.</exception>
    public Port Port(string name) => _ports.TryGetValue(name, out Port port)
        ? port
        : throw new ArgumentException($"'{Name}' has no pin '{name}'.", nameof(name));

    /// <summary>Whether the module has a pin of this name.</summary>
    /// <param name="name">A name.</param>
    public bool HasPort(string name) => _ports.ContainsKey(name);

    /// <summary>Settles combinational logic after input pins changed, without a clock edge.</summary>
    /// <exception cref="VerilatedModelException">An assertion of the module failed.</exception>
    public void Eval()
    {
        if (_eval(_model) != 0)
        {
            ThrowIfFailed();
        }
    }

    /// <summary>Runs every clock pin (<c>clk</c> and <c>*_clk</c>) together: high, low, with logic settled after each edge.</summary>
    /// <param name="cycles">How many cycles; other pins keep their values.</param>
    /// <exception cref="VerilatedModelException">An assertion of the module failed, or it called $fatal.</exception>
    public void Tick(int cycles = 1)
    {
        // A call without a GC transition must be short: other threads' collections wait for it.
        const int Burst = 16;
        for (; cycles > 0; cycles -= Burst)
        {
            if (_tick(_model, Math.Min(cycles, Burst)) != 0)
            {
                ThrowIfFailed();
            }
        }
    }

    /// <summary>First half of a cycle: all clocks fall and logic settles on the inputs set before. Now outputs are what the edge will see.</summary>
    /// <exception cref="VerilatedModelException">An assertion of the module failed.</exception>
    public void Settle()
    {
        if (_settle(_model) != 0)
        {
            ThrowIfFailed();
        }
    }

    /// <summary>Second half of a cycle: all clocks rise. Inputs must be as <see cref="Settle"/> saw them.</summary>
    /// <exception cref="VerilatedModelException">An assertion of the module failed.</exception>
    public void Rise()
    {
        if (_rise(_model) != 0)
        {
            ThrowIfFailed();
        }
    }

    /// <summary>Writes down, in Verilator's format, how often each of the model's coverage points was hit so far.</summary>
    /// <param name="path">The file.</param>
    /// <returns>False when the model was built without any (<c>hdl/sim/models.mk</c>).</returns>
    public bool TryWriteCoverage(string path)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes(path + "\0"))
        {
            return ((delegate* unmanaged<nint, byte*, int>)NativeLibrary.GetExport(Library, "fn_coverage_write"))(_model, text) != 0;
        }
    }

    /// <summary>Deletes the model. Its pins must not be used any more.</summary>
    public void Dispose()
    {
        if (_model != 0)
        {
            _destroy(_model);
            _model = 0;
        }
    }

    private static string FindLibrary(string name) => Path.Combine(FindFolder(), name, $"lib{name}.so");

    private static string FindFolder()
    {
        if (Environment.GetEnvironmentVariable("FPGANET_VERILATED") is { Length: > 0 } folder)
        {
            return folder;
        }

        for (string? at = AppContext.BaseDirectory; at is not null; at = Path.GetDirectoryName(at))
        {
            if (File.Exists(Path.Combine(at, "FpgaNet.sln")))
            {
                return Path.Combine(at, "build", "verilated");
            }
        }

        return Path.Combine(AppContext.BaseDirectory, "verilated");
    }

    private void OpenTrace(string path)
    {
        fixed (byte* text = Encoding.UTF8.GetBytes(path + "\0"))
        {
            if (((delegate* unmanaged<nint, byte*, int>)TraceOpen)(_model, text) == 0)
            {
                throw new VerilatedModelException($"No waveform can be written to '{path}': the folder is not writable, or '{Name}' was built without tracing.");
            }
        }
    }

    private void ThrowIfFailed()
    {
        const int Size = 512;
        byte* text = stackalloc byte[Size];
        _failure(text, Size);
        if (text[0] != 0)
        {
            throw new VerilatedModelException($"{Name}: {Marshal.PtrToStringUTF8((nint)text)}");
        }
    }
}

/// <summary>A Verilated module stopped: an assertion, <c>$error</c> or <c>$fatal</c>; the message names file and line.</summary>
public sealed class VerilatedModelException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What the module said.</param>
    public VerilatedModelException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    public VerilatedModelException()
    {
    }

    /// <summary>Makes the exception.</summary>
    /// <param name="message">What the module said.</param>
    /// <param name="innerException">Its cause.</param>
    public VerilatedModelException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
