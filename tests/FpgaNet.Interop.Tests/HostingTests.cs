using System.Net;
using System.Net.Sockets;
using FpgaNet.AspNetCore;
using FpgaNet.Packets.Devices;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace FpgaNet.Interop.Tests;

/// <summary>Kestrel on one stack, SocketsHttpHandler on another, memory between them: the transport without any privileges.</summary>
[TestClass]
public sealed class HostingTests
{
    private const int Port = 8080;

    private static readonly IPv4Address s_server = IPv4Address.Parse("192.0.2.2");

    [TestMethod]
    public async Task A_large_body_goes_there_and_back()
    {
        await using TwoHosts hosts = await TwoHosts.StartAsync(app => app.MapPost("/echo", async context =>
        {
            // Whole first: an HTTP/1.1 client reads nothing before it has sent everything.
            MemoryStream body = new();
            await context.Request.Body.CopyToAsync(body);
            await context.Response.Body.WriteAsync(body.GetBuffer().AsMemory(0, (int)body.Length));
        }));
        byte[] content = ServedNic.Content(16 << 20);

        using HttpResponseMessage response = await hosts.Client.PostAsync(hosts.Address("echo"), new ByteArrayContent(content));

        Assert.IsTrue((await response.Content.ReadAsByteArrayAsync()).AsSpan().SequenceEqual(content));
    }

    [TestMethod]
    public async Task Thirty_two_requests_at_once_each_get_their_own_answer()
    {
        await using TwoHosts hosts = await TwoHosts.StartAsync(app => app.MapGet("/{number:int}", (int number) => new string('x', number * 1000)));

        string[] answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(i => hosts.Client.GetStringAsync(hosts.Address($"{i}"))));

        CollectionAssert.AreEqual(Enumerable.Range(0, 32).Select(i => i * 1000).ToArray(), answers.Select(a => a.Length).ToArray());
    }

    [TestMethod]
    public async Task Kestrel_knows_both_ends()
    {
        await using TwoHosts hosts = await TwoHosts.StartAsync(app => app.MapGet("/", (HttpContext context) =>
            $"{context.Connection.RemoteIpAddress} {context.Connection.LocalIpAddress}:{context.Connection.LocalPort}"));

        Assert.AreEqual($"192.0.2.1 192.0.2.2:{Port}", await hosts.Client.GetStringAsync(hosts.Address("")));
    }

    [TestMethod]
    public async Task A_client_that_leaves_aborts_its_request()
    {
        TaskCompletionSource aborted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using TwoHosts hosts = await TwoHosts.StartAsync(app => app.MapGet("/endless", async context =>
        {
            context.RequestAborted.Register(aborted.SetResult);
            byte[] bytes = new byte[65536];
            while (!context.RequestAborted.IsCancellationRequested)
            {
                await context.Response.Body.WriteAsync(bytes);
            }
        }));

        using (HttpResponseMessage response = await hosts.Client.GetAsync(hosts.Address("endless"), HttpCompletionOption.ResponseHeadersRead))
        {
            using Stream body = await response.Content.ReadAsStreamAsync();
            await body.ReadExactlyAsync(new byte[1_000_000]);
        }

        await aborted.Task.WaitAsync(TimeSpan.FromMinutes(1));
    }

    [TestMethod]
    public async Task A_request_that_the_server_aborts_fails_at_the_client()
    {
        await using TwoHosts hosts = await TwoHosts.StartAsync(app => app.MapGet("/abort", (HttpContext context) => context.Abort()));

        await Assert.ThrowsExactlyAsync<HttpRequestException>(() => hosts.Client.GetStringAsync(hosts.Address("abort")));
        await Assert.ThrowsExactlyAsync<HttpRequestException>(() => hosts.Client.GetStringAsync(hosts.Address("abort")), "and again");
    }

    [TestMethod]
    public async Task A_port_can_be_bound_once_until_it_is_unbound()
    {
        await using TwoHosts hosts = await TwoHosts.StartAsync(_ => { });
        FpgaNetTransportFactory factory = new(hosts.ServerStack);
        await Assert.ThrowsExactlyAsync<AddressInUseException>(async () => await factory.BindAsync(new IPEndPoint(IPAddress.Any, Port)));

        IConnectionListener listener = await factory.BindAsync(new IPEndPoint(IPAddress.Any, 9));
        ValueTask<ConnectionContext?> accept = listener.AcceptAsync();
        await listener.UnbindAsync();
        Assert.IsNull(await accept);
        await (await factory.BindAsync(new IPEndPoint(IPAddress.Any, 9))).DisposeAsync();
    }

    [TestMethod]
    public async Task Errors_of_connecting_reach_the_client()
    {
        await using TwoHosts hosts = await TwoHosts.StartAsync(_ => { });

        HttpRequestException refused = await Assert.ThrowsExactlyAsync<HttpRequestException>(() => hosts.Client.GetStringAsync(new Uri($"http://{s_server}:9/")));
        Assert.AreEqual(SocketError.ConnectionRefused, ((SocketException)refused.InnerException!).SocketErrorCode);
        HttpRequestException named = await Assert.ThrowsExactlyAsync<HttpRequestException>(() => hosts.Client.GetStringAsync(new Uri("http://example.com/")));
        Assert.AreEqual(SocketError.HostNotFound, ((SocketException)named.InnerException!).SocketErrorCode);
    }

    private sealed class TwoHosts : IAsyncDisposable
    {
        private readonly SoftwareOffload _serverDevice;
        private readonly SoftwareOffload _clientDevice;
        private readonly NetworkStack _clientStack;
        private readonly StackThread _serverThread;
        private readonly StackThread _clientThread;
        private readonly WebApplication _application;

        private TwoHosts(Action<WebApplication> map)
        {
            MemoryPair pair = new(new MemoryPairOptions { Features = MemoryPairOptions.SupportedFeatures });
            _serverDevice = new SoftwareOffload(pair.A);
            _clientDevice = new SoftwareOffload(pair.B);
            ServerStack = new NetworkStack(_serverDevice, new NetworkStackOptions { Address = s_server });
            _clientStack = new NetworkStack(_clientDevice, new NetworkStackOptions { Address = IPv4Address.Parse("192.0.2.1") });
            _serverThread = new StackThread(ServerStack);
            _clientThread = new StackThread(_clientStack);
            WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseFpgaNet(ServerStack).ConfigureKestrel(kestrel =>
            {
                kestrel.Listen(IPAddress.Any, Port);
                kestrel.Limits.MaxRequestBodySize = null;
            });
            _application = builder.Build();
            map(_application);
            Client = new HttpClient(new SocketsHttpHandler { ConnectCallback = FpgaNetHosting.ConnectCallback(_clientStack), UseProxy = false });
        }

        public NetworkStack ServerStack { get; }

        public HttpClient Client { get; }

        public static async Task<TwoHosts> StartAsync(Action<WebApplication> map)
        {
            TwoHosts hosts = new(map);
            await hosts._application.StartAsync();
            return hosts;
        }

        public Uri Address(string path) => new($"http://{s_server}:{Port}/{path}");

        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            await _application.DisposeAsync();
            _serverThread.Dispose();
            _clientThread.Dispose();
            _clientStack.Dispose();
            ServerStack.Dispose();
            _clientDevice.Dispose();
            _serverDevice.Dispose();
        }
    }
}
