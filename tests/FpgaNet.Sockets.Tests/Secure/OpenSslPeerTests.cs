using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using FpgaNet.Sockets.Tests.Calls;
using FpgaNet.Sockets.Tests.Programs;
using FpgaNet.Stack.Sockets.Abi;
using FpgaNet.Stack.Sockets.Secure;
using FpgaNet.Testing;
using static FpgaNet.Stack.Sockets.Abi.SocketOptions;

namespace FpgaNet.Sockets.Tests.Secure;

/// <summary>TLS sockets with OpenSSL's own programs as peers, in both roles.</summary>
[TestClass]
public sealed partial class OpenSslPeerTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    [TestMethod]
    [DataRow(IPPROTO_TLS_1_2, "-tls1_2")]
    [DataRow(IPPROTO_TLS_1_3, "-tls1_3")]
    public void Our_client_talks_with_s_server_in_records_of_any_size(int protocol, string version)
    {
        using Files files = new();
        using SecureRig rig = new(isNative: false);
        using TestProgram server = files.Start("s_server", "-accept", "127.0.0.1:0", version, "-rev", "-naccept", "1", "-cert", "server.pem");
        int client = rig.MakeClient(protocol);
        Expect.Ok(rig.Client.Connect(client, rig.At with { Port = PortOf(server) }));
        Random random = TestSeed.Random();
        for (int round = 0; round < 60; round++)
        {
            char[] line = random.GetItems<char>("abcdefghijklmnopqrstuvwxyz", random.Next(1, 1 << random.Next(1, 14)));
            Expect.Result(line.Length + 1, rig.Client.Send(client, Encoding.ASCII.GetBytes([.. line, '\n'])));
            byte[] reversed = new byte[line.Length + 1];
            Expect.Result(reversed.Length, rig.Client.Recv(client, reversed, MessageFlags.MSG_WAITALL));
            Array.Reverse(line);
            CollectionAssert.AreEqual(Encoding.ASCII.GetBytes([.. line, '\n']), reversed);
        }

        Expect.Ok(rig.Client.Close(client));
        Assert.AreEqual(0, server.WaitForExit(s_patience).ExitCode);
    }

    [TestMethod]
    [DataRow(IPPROTO_TLS_1_2, "-tls1_2")]
    [DataRow(IPPROTO_TLS_1_3, "-tls1_3")]
    public void Our_server_talks_with_s_client(int protocol, string version)
    {
        using Files files = new();
        using SecureRig rig = new(isNative: false);
        int listening = rig.Listen(protocol, out SockAddr address, socket => Expect.Ok(rig.Server.SetSockOpt(socket, SOL_TLS, TLS_PEER_VERIFY, TLS_PEER_VERIFY_REQUIRED)));
        using TestProgram client = files.Start(
            "s_client", "-connect", $"127.0.0.1:{address.Port}", version, "-CAfile", "ca.pem", "-cert", "client.pem", "-verify_return_error", "-verify_hostname", TestCertificates.ServerName, "-quiet");
        int server = rig.Accepted();
        byte[] data = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 5000).Select(static number => $"line {number}\n")));
        Expect.Result(data.Length, rig.Server.Send(server, data));
        Expect.Ok(rig.Server.Close(server));
        ProgramResult result = client.WaitForExit(s_patience);
        Assert.AreEqual(Encoding.ASCII.GetString(data), result.Output, result.Error);
        Expect.Ok(rig.Server.Close(listening));
    }

    [TestMethod]
    [DataRow(IPPROTO_TLS_1_2, "-tls1_2")]
    [DataRow(IPPROTO_TLS_1_3, "-tls1_3")]
    public void What_s_client_sends_arrives(int protocol, string version)
    {
        using Files files = new();
        using SecureRig rig = new(isNative: false);
        int listening = rig.Listen(protocol, out SockAddr address);
        File.WriteAllText(Path.Combine(files.Folder, "text"), string.Concat(Enumerable.Range(0, 3000).Select(static number => $"line {number}\n")));
        using TestProgram client = TestProgram.Start("sh", "-c", $"cd {files.Folder} && openssl s_client -connect 127.0.0.1:{address.Port} {version} -CAfile ca.pem -verify_return_error -quiet -no_ign_eof < text");
        int server = rig.Accepted();
        List<byte> received = [];
        byte[] buffer = new byte[5000];
        int count;
        while ((count = Expect.Ok(rig.Server.Recv(server, buffer))) > 0)
        {
            received.AddRange(buffer[..count]);
        }

        Assert.AreEqual(File.ReadAllText(Path.Combine(files.Folder, "text")), Encoding.ASCII.GetString([.. received]));
        Expect.Ok(rig.Server.Close(server));
        Expect.Ok(rig.Server.Close(listening));
    }

    [TestMethod]
    [DataRow(IPPROTO_TLS_1_2, "-tls1_2")]
    [DataRow(IPPROTO_TLS_1_3, "-tls1_3")]
    public void Certificates_that_are_not_trusted_are_refused_on_both_sides(int protocol, string version)
    {
        using Files files = new();
        using SecureRig rig = new(isNative: false);
        using (TestProgram server = files.Start("s_server", "-accept", "127.0.0.1:0", version, "-rev", "-naccept", "1", "-cert", "server.pem"))
        {
            int client = rig.MakeClient(protocol);
            SecureRig.SetTags(rig.Client, client, TestCertificates.StrangerTag);
            Expect.Error(Errno.ECONNABORTED, rig.Client.Connect(client, rig.At with { Port = PortOf(server) }));
            Expect.Ok(rig.Client.Close(client));
        }

        int listening = rig.Listen(protocol, out SockAddr address, socket => SecureRig.SetTags(rig.Server, socket, TestCertificates.StrangerTag));
        ProgramResult result = files.Start("s_client", "-connect", $"127.0.0.1:{address.Port}", version, "-CAfile", "ca.pem", "-verify_return_error").WaitForExit(s_patience);
        Assert.AreNotEqual(0, result.ExitCode);
        int refused = rig.Accepted();
        Expect.Error(Errno.ECONNABORTED, rig.Server.Recv(refused, new byte[1]));
        Expect.Ok(rig.Server.Close(refused));
        Expect.Ok(rig.Server.Close(listening));
    }

    [TestMethod]
    public void Our_DTLS_client_talks_with_s_server()
    {
        using Files files = new();
        using SecureRig rig = new(isNative: false);
        SockAddr address = FreePort(rig); // s_server does not say which port it took
        using TestProgram server = TestProgram.Start("sh", "-c", $"sleep 100 | openssl s_server -accept 127.0.0.1:{address.Port} -dtls1_2 -naccept 1 -quiet -cert {files.Folder}/server.pem");
        int client = Connect(rig, address);
        for (int round = 0; round < 20; round++)
        {
            Expect.Ok(rig.Client.Send(client, Encoding.ASCII.GetBytes($"datagram {round}\n")));
        }

        server.WaitForOutput("datagram 19", s_patience);
        Assert.AreEqual(string.Concat(Enumerable.Range(0, 20).Select(static round => $"datagram {round}\n")), server.Output);
        Expect.Ok(rig.Client.Close(client));
    }

    [TestMethod]
    public void Our_DTLS_server_talks_with_s_client()
    {
        using Files files = new();
        using SecureRig rig = new(isNative: false);
        int server = Expect.Ok(rig.Server.Socket(SocketDomain.AF_INET, SocketKind.SOCK_DGRAM, IPPROTO_DTLS_1_2));
        SecureRig.SetTags(rig.Server, server, TestCertificates.ServerTag);
        Expect.Ok(rig.Server.SetSockOpt(server, SOL_TLS, TLS_DTLS_ROLE, TLS_DTLS_ROLE_SERVER));
        Expect.Ok(rig.Server.Bind(server, rig.At));
        Expect.Ok(rig.Server.GetSockName(server, out SockAddr address));
        using TestProgram client = TestProgram.Start(
            "sh", "-c", $"(echo hello; sleep 100) | openssl s_client -connect 127.0.0.1:{address.Port} -dtls1_2 -CAfile {files.Folder}/ca.pem -verify_return_error -verify_hostname {TestCertificates.ServerName} -quiet");
        byte[] buffer = new byte[100];
        Expect.Result(6, rig.Server.RecvFrom(server, buffer, out SockAddr peer));
        Assert.AreEqual("hello\n", Encoding.ASCII.GetString(buffer, 0, 6));
        Expect.Result(7, rig.Server.SendTo(server, "answer\n"u8, peer));
        client.WaitForOutput("answer", s_patience);
        Expect.Ok(rig.Server.Close(server));
    }

    [TestMethod]
    public void On_our_own_stack_over_a_cable_in_both_roles()
    {
        using Files files = new();
        Skip.Unless(OpenSsl.IsAvailable, "OpenSSL 3 is not installed (libssl3)");
        using TapRig rig = new();
        TestCertificates.AddTo(rig.System.Credentials);
        StackCalls ours = (StackCalls)rig.Ours;
        using TestProgram server = rig.Network.Start("openssl", "s_server", "-accept", "192.0.2.1:0", "-tls1_3", "-rev", "-naccept", "1", "-cert", $"{files.Folder}/server.pem");
        int client = Expect.Ok(ours.Socket(SocketDomain.AF_INET, SocketKind.SOCK_STREAM, IPPROTO_TLS_1_3));
        SecureRig.SetTags(ours, client, TestCertificates.Tag);
        SecureRig.SetName(ours, client, TestCertificates.ServerName);
        Expect.Ok(ours.Connect(client, TapRig.At(Side.Linux, isInet6: false, PortOf(server))));
        Expect.Result(6, ours.Send(client, "hello\n"u8));
        byte[] buffer = new byte[6];
        Expect.Result(6, ours.Recv(client, buffer, MessageFlags.MSG_WAITALL));
        Assert.AreEqual("olleh\n", Encoding.ASCII.GetString(buffer));
        Expect.Ok(ours.Close(client));

        int listening = Expect.Ok(ours.Socket(SocketDomain.AF_INET, SocketKind.SOCK_STREAM, IPPROTO_TLS_1_2));
        SecureRig.SetTags(ours, listening, TestCertificates.ServerTag);
        Expect.Ok(ours.Bind(listening, TapRig.At(Side.Ours, isInet6: false, 443)));
        Expect.Ok(ours.Listen(listening, 1));
        using TestProgram reader = rig.Network.Start(
            "openssl", "s_client", "-connect", "192.0.2.2:443", "-tls1_2", "-CAfile", $"{files.Folder}/ca.pem", "-verify_return_error", "-verify_hostname", TestCertificates.ServerName, "-quiet");
        int accepted = Expect.Ok(ours.Accept(listening, out _));
        Expect.Result(8, ours.Send(accepted, "welcome\n"u8));
        Expect.Ok(ours.Close(accepted));
        Assert.AreEqual("welcome\n", reader.WaitForExit(s_patience).Output);
        Expect.Ok(ours.Close(listening));
    }

    private static SockAddr FreePort(SecureRig rig)
    {
        int socket = Expect.Ok(rig.Client.Socket(SocketDomain.AF_INET, SocketKind.SOCK_DGRAM));
        Expect.Ok(rig.Client.Bind(socket, rig.At));
        Expect.Ok(rig.Client.GetSockName(socket, out SockAddr address));
        Expect.Ok(rig.Client.Close(socket));
        return address;
    }

    // The program may not be there yet: ECONNREFUSED, or nothing.
    private static int Connect(SecureRig rig, SockAddr address)
    {
        long start = Environment.TickCount64;
        while (true)
        {
            int client = rig.MakeClient(IPPROTO_DTLS_1_2, SocketKind.SOCK_DGRAM);
            int result = rig.Client.Connect(client, address);
            if (result >= 0)
            {
                return client;
            }

            Expect.Ok(rig.Client.Close(client));
            Assert.IsLessThan(s_patience.TotalMilliseconds, Environment.TickCount64 - start, $"{(Errno)(-result)}");
            Thread.Sleep(20);
        }
    }

    [GeneratedRegex(@"ACCEPT .*:(?<port>\d+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Accepting();

    private static ushort PortOf(TestProgram server)
    {
        server.WaitForOutput("ACCEPT", s_patience);
        return ushort.Parse(Accepting().Match(server.Output).Groups["port"].Value, CultureInfo.InvariantCulture);
    }

    /// <summary>A folder with the certificates, in which the programs run.</summary>
    private sealed class Files : IDisposable
    {
        public Files()
        {
            Skip.UnlessInstalled("openssl");
            Folder = TestCertificates.WriteTo(Directory.CreateTempSubdirectory("fpganet-tls-").FullName);
        }

        public string Folder { get; }

        public TestProgram Start(params string[] arguments) =>
            TestProgram.Start("openssl", [.. arguments.Select(argument => argument.EndsWith(".pem", StringComparison.Ordinal) ? Path.Combine(Folder, argument) : argument)]);

        public void Dispose() => Directory.Delete(Folder, recursive: true);
    }
}
