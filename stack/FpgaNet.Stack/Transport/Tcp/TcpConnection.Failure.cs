using System.Net.Sockets;
using FpgaNet.Packets.Wire;
using FpgaNet.Stack.Network;
using FpgaNet.Stack.Time;

namespace FpgaNet.Stack.Transport.Tcp;

/// <summary>When a connection is given up: R1 and R2 (RFC 9293 §3.8.3), the user timeout (RFC 5482), and what ICMP has to say (RFC 5461, RFC 5927).</summary>
internal sealed partial class TcpConnection
{
    // RFC 5482 §3.1: seconds up to here, then minutes.
    private const int MostUserTimeout = 0x7FFF;

    private TimeSpan _userTimeout; // zero: R2 decides
    private bool _userTimeoutIsOurs;
    private Instant _userTimeoutDue = Instant.Never;

    /// <summary>What the network last complained about without ending the connection; <see cref="SocketError.Success"/>: nothing (RFC 9293 §3.9.2.2, SHLD-25).</summary>
    public SocketError SoftError { get; private set; }

    /// <summary>How long data may stay unacknowledged (RFC 5482 §2); zero: as long as <see cref="TcpSettings.Retries"/> takes. Setting it tells the peer.</summary>
    public TimeSpan UserTimeout
    {
        get => _userTimeout;
        set
        {
            _userTimeout = value;
            _userTimeoutIsOurs = value > TimeSpan.Zero;
            if (_userTimeoutIsOurs && State is TcpState.Established or TcpState.CloseWait)
            {
                TcpOptions options = default;
                AddTimestamps(ref options);
                AddUserTimeout(ref options);
                Transmit(_max, 0, TcpFlags.Ack, options, OfferWindow()); // once: it is advice, and no harm comes of its loss (RFC 5482 §3)
            }
        }
    }

    // A connection that times out says why, when it knows (RFC 1122 §4.2.3.9).
    private SocketError EndOfPatience => SoftError == SocketError.Success ? SocketError.TimedOut : SoftError;

    /// <summary>The network reports that a segment of this connection did not arrive.</summary>
    public void Unreachable(SequenceNumber sequence, DeliveryFailure reason)
    {
        // RFC 5927 §4.1: only about what is on its way.
        if (!HasSent(sequence))
        {
            return;
        }

        SocketError error = reason switch
        {
            DeliveryFailure.Refused => SocketError.ConnectionRefused,
            DeliveryFailure.NetworkUnreachable => SocketError.NetworkUnreachable,
            _ => SocketError.HostUnreachable,
        };
        if (State is TcpState.SynSent or TcpState.SynReceived && reason is DeliveryFailure.Refused or DeliveryFailure.NoNeighbor)
        {
            // SHLD-26; and what our own link says nobody can have forged from afar.
            Terminate(error);
        }
        else
        {
            // MUST-56; RFC 5461 §3, RFC 5927 §5.2: once synchronised no ICMP message at all ends a connection. The timers do, and then they name it.
            Suspect(error);
        }
    }

    /// <summary>Whether that many attempts in vain are the end; the connection is terminated then. R1 is told to the user and to the network layer on the way.</summary>
    /// <param name="attempts">Attempts without an answer.</param>
    /// <param name="most">How many there may be.</param>
    /// <param name="waited">For how long an answer had been waited for before the first of them.</param>
    private bool GivesUp(int attempts, int most, TimeSpan waited)
    {
        if (_userTimeout > TimeSpan.Zero)
        {
            most = int.MaxValue;
            if (attempts == 1)
            {
                _userTimeoutDue = _net.Now + (_userTimeout - waited);
            }
        }

        if (attempts > most)
        {
            Terminate(EndOfPatience);
            return true;
        }

        if (attempts == _settings.RetriesUntilSuspicion)
        {
            // RFC 9293 §3.8.3 (b), R1: negative advice, so that another way or neighbour may be tried.
            _tcp.Ip.Doubt(_path);
            Suspect(SocketError.TimedOut);
        }

        return false;
    }

    private void UserTimeoutExpired()
    {
        _userTimeoutDue = Instant.Never;
        if (_retries > 0 || _probes > 0)
        {
            Terminate(EndOfPatience);
        }
    }

    private void Suspect(SocketError error)
    {
        SoftError = error;
        Notify(TcpEvents.SoftError);
    }

    // RFC 5482 §3.1: USER_TIMEOUT = min(U_LIMIT, max(ADV_UTO, REMOTE_UTO, L_LIMIT)); what the application set stays as it is (CHANGEABLE).
    private void TakeUserTimeout(ushort option)
    {
        if (_userTimeoutIsOurs || !_settings.AcceptUserTimeout || (option & MostUserTimeout) == 0)
        {
            return;
        }

        TimeSpan remote = (option & ~MostUserTimeout) != 0 ? TimeSpan.FromMinutes(option & MostUserTimeout) : TimeSpan.FromSeconds(option);
        remote = remote > _settings.LeastUserTimeout ? remote : _settings.LeastUserTimeout;
        _userTimeout = remote < _settings.GreatestUserTimeout ? remote : _settings.GreatestUserTimeout;
    }

    private void AddUserTimeout(ref TcpOptions options)
    {
        if (_userTimeoutIsOurs)
        {
            double seconds = Math.Ceiling(_userTimeout.TotalSeconds);
            options.UserTimeout = seconds <= MostUserTimeout
                ? (ushort)seconds
                : (ushort)(~MostUserTimeout | (int)Math.Min(Math.Ceiling(seconds / 60), MostUserTimeout));
        }
    }
}
