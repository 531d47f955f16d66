namespace FpgaNet.Stack.Time;

/// <summary>
/// All timers of a stack, earliest first: a binary heap in one array. Setting a timer later than it stands, which TCP does with every
/// acknowledgement, only notes the new time; the entry is moved when its old time has come.
/// </summary>
internal sealed class TimerQueue
{
    private StackTimer[] _heap = new StackTimer[64];
    private int _count;

    /// <summary>When something may have to be done; sometimes early, never late.</summary>
    public Instant Next => _count == 0 ? Instant.Never : _heap[0].Queued;

    /// <summary>Timers in the queue.</summary>
    public int Count => _count;

    /// <summary>Runs every timer whose time has come, in order of time.</summary>
    public void Run(Instant now)
    {
        while (_count != 0 && _heap[0].Queued <= now)
        {
            StackTimer timer = _heap[0];
            if (timer.Due > timer.Queued)
            {
                if (timer.Due == Instant.Never)
                {
                    RemoveAt(0);
                }
                else
                {
                    timer.Queued = timer.Due;
                    SiftDown(0);
                }

                continue;
            }

            RemoveAt(0);
            timer.Due = Instant.Never;
            timer.Fire();
        }
    }

    internal void Set(StackTimer timer, Instant due)
    {
        timer.Due = due;
        if (timer.Position < 0)
        {
            if (_count == _heap.Length)
            {
                Array.Resize(ref _heap, _count * 2);
            }

            timer.Queued = due;
            timer.Position = _count;
            _heap[_count] = timer;
            SiftUp(_count++);
        }
        else if (due < timer.Queued)
        {
            timer.Queued = due;
            SiftUp(timer.Position);
        }
    }

    internal void Remove(StackTimer timer)
    {
        timer.Due = Instant.Never;
        if (timer.Position >= 0)
        {
            RemoveAt(timer.Position);
        }
    }

    private void RemoveAt(int position)
    {
        _heap[position].Position = -1;
        StackTimer last = _heap[--_count];
        _heap[_count] = null!;
        if (position < _count)
        {
            Place(last, position);
            SiftDown(position);
            SiftUp(last.Position);
        }
    }

    private void Place(StackTimer timer, int position)
    {
        _heap[position] = timer;
        timer.Position = position;
    }

    private void SiftUp(int position)
    {
        StackTimer timer = _heap[position];
        while (position > 0)
        {
            int parent = (position - 1) / 2;
            if (_heap[parent].Queued <= timer.Queued)
            {
                break;
            }

            Place(_heap[parent], position);
            position = parent;
        }

        Place(timer, position);
    }

    private void SiftDown(int position)
    {
        StackTimer timer = _heap[position];
        while (true)
        {
            int child = (2 * position) + 1;
            if (child >= _count)
            {
                break;
            }

            if (child + 1 < _count && _heap[child + 1].Queued < _heap[child].Queued)
            {
                child++;
            }

            if (timer.Queued <= _heap[child].Queued)
            {
                break;
            }

            Place(_heap[child], position);
            position = child;
        }

        Place(timer, position);
    }
}
