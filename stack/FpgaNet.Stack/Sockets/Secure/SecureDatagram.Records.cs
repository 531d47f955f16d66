using System.Buffers.Binary;
using FpgaNet.Stack.Sockets.Abi;

namespace FpgaNet.Stack.Sockets.Secure;

/// <summary>Records between the session and the inner socket, each a datagram.</summary>
internal sealed partial class SecureDatagram
{
    private const int RecordHeader = 13; // type, version, epoch, sequence number, length (RFC 6347 §4.1)
    private const int RecordLengthOffset = 11;
    private const int DatagramRoom = 65_536;

    private byte[] _received = [];
    private byte[] _output = [];
    private int _outputStart;
    private int _outputEnd;
    private byte[] _record = [];
    private int _recordLength = -1; // none
    private volatile bool _hasOutput;

    private void MakeRoom()
    {
        _received = new byte[DatagramRoom];
        _output = new byte[DatagramRoom];
        _record = new byte[TlsSession.LongestRecord];
    }

    // Whether a datagram of the peer's is in the record buffer.
    private bool HasRecord()
    {
        while (_recordLength < 0 && State == SecureState.Open)
        {
            TlsResult result = Session!.Read(_record, peeks: false, out int length);
            _ = Flush();
            switch (result)
            {
                case TlsResult.Done:
                    _recordLength = length;
                    break;
                case TlsResult.WantsInput:
                    Errno error = Fill();
                    if (error == Errno.EAGAIN || (error != Errno.None && IsServer))
                    {
                        return false;
                    }

                    if (error != Errno.None)
                    {
                        Fail(error);
                    }

                    break;
                case TlsResult.Ended when !IsServer:
                    _peerEnded = true;
                    return false;
                case TlsResult.Failed when !IsServer:
                    Fail(Errno.EPROTO);
                    break;
                default:
                    Forget();
                    State = SecureState.Handshaking;
                    _ = ShakeHands(); // somebody may wait already
                    break;
            }
        }

        return _recordLength >= 0;
    }

    // Hands one datagram to the session. EAGAIN: there is none.
    private Errno Fill()
    {
        MessageIn message = new() { Data = new ScatterList(_received) };
        Errno error = Inner.Receive(ref message, out int count);
        if (error != Errno.None || count == 0)
        {
            return error;
        }

        if (IsServer && !_isVerified)
        {
            Greet(message.Address, _received.AsSpan(0, count));
        }
        else if (!IsServer || message.Address == _peer) // one peer at a time
        {
            Session!.Feed(_received.AsSpan(0, count));
        }

        return Errno.None;
    }

    // Sends the session's records, each in a datagram of its own.
    private Errno Flush()
    {
        while (Session is not null)
        {
            if (_outputStart == _outputEnd)
            {
                (_outputStart, _outputEnd) = (0, Session.Drain(_output));
                if (_outputEnd == 0)
                {
                    _hasOutput = false;
                    return Errno.None;
                }
            }

            int length = RecordHeader + BinaryPrimitives.ReadUInt16BigEndian(_output.AsSpan(_outputStart + RecordLengthOffset));
            _hasOutput = true;
            MessageOut message = new() { Data = new GatherList(_output.AsSpan(_outputStart, length)), Address = IsServer ? _peer : default, Flags = MessageFlags.MSG_NOSIGNAL };
            Errno error = Inner.Send(ref message, out _);
            if (error == Errno.EAGAIN)
            {
                return error;
            }

            _outputStart += length;
            if (error != Errno.None && State == SecureState.Open)
            {
                return error; // such as EMSGSIZE; the datagram is lost
            }
        }

        return Errno.None;
    }
}
