using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Kernel;

namespace FpgaNet.Stack.Sockets.Offload;

/// <summary>Looks for an interface, and for the sockets of its own that it has.</summary>
/// <param name="name">The interface's name.</param>
/// <param name="sockets">Receives them; null: it has none.</param>
/// <returns>ENODEV: there is no such interface.</returns>
internal delegate Errno FindDevice(string name, out SocketProvider? sockets);

/// <summary>Asked before all others, it makes sockets that choose on first use who serves them (Zephyr's socket dispatcher).</summary>
/// <param name="registry">Where the others are registered.</param>
/// <param name="findDevice">Who knows the interfaces.</param>
internal sealed class DispatcherProvider(SocketRegistry registry, FindDevice findDevice) : SocketProvider
{
    /// <inheritdoc/>
    public override string Name => "dispatcher";

    /// <inheritdoc/>
    public override int Priority => 0;

    /// <inheritdoc/>
    public override bool IsSupported(in SocketRequest request) =>
        request.Domain is SocketDomain.AF_INET or SocketDomain.AF_INET6 && Find(request, nativeOnly: false) is not null; // no device has a say in other families

    /// <inheritdoc/>
    public override Errno Create(in SocketRequest request, out SocketImplementation? implementation)
    {
        implementation = new DispatcherSocket(this, findDevice, request);
        return Errno.None;
    }

    /// <summary>The first other provider that serves such sockets.</summary>
    /// <param name="request">What is asked for.</param>
    /// <param name="nativeOnly">Devices' own are left out.</param>
    internal SocketProvider? Find(in SocketRequest request, bool nativeOnly)
    {
        foreach (SocketProvider candidate in registry.Providers)
        {
            if (candidate is not DispatcherProvider && !(nativeOnly && candidate.IsOffloaded)
                && (candidate.Domain == SocketDomain.AF_UNSPEC || candidate.Domain == request.Domain) && candidate.IsSupported(request))
            {
                return candidate;
            }
        }

        return null;
    }
}
