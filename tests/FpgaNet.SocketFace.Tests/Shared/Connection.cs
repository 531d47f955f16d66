using System.Net;
using System.Net.Sockets;

namespace FpgaNet.SocketFace.Tests.OnLinux;

/// <summary>A listening socket, a client of it and the server's end of the connection.</summary>
internal sealed class Connection : IDisposable
{
    private const int Patience = 30_000; // milliseconds; ends only a run that fails

    public Connection(Rig rig)
    {
        using (rig.AtServer())
        {
            Listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            Listener.Bind(new IPEndPoint(rig.Address, 0));
            Listener.Listen(5);
        }

        Client = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveTimeout = Patience, SendTimeout = Patience };
        Client.Connect(Listener.LocalEndPoint!);
        Server = Listener.Accept();
        Server.ReceiveTimeout = Server.SendTimeout = Patience;
    }

    public Socket Listener { get; }

    public Socket Client { get; }

    public Socket Server { get; }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
        Listener.Dispose();
    }
}
