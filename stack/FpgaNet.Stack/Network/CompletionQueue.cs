namespace FpgaNet.Stack.Network;

/// <summary>Something that an application waits for and that is done.</summary>
internal interface ICompletion : IThreadPoolWorkItem
{
    /// <summary>The next one in the queue.</summary>
    ICompletion? NextCompletion { get; set; }
}

/// <summary>Completions that are found under the lock and delivered after it: an application's code never runs while the stack is locked.</summary>
internal sealed class CompletionQueue(bool inline)
{
    private ICompletion? _first;
    private ICompletion? _last;

    /// <summary>Adds one, under the lock.</summary>
    public void Add(ICompletion completion)
    {
        if (_last is null)
        {
            _first = completion;
        }
        else
        {
            _last.NextCompletion = completion;
        }

        _last = completion;
    }

    /// <summary>Takes all, under the lock.</summary>
    public ICompletion? TakeAll()
    {
        ICompletion? first = _first;
        _first = _last = null;
        return first;
    }

    /// <summary>Delivers them, without the lock.</summary>
    public void Run(ICompletion? first)
    {
        while (first is not null)
        {
            // Read before it runs: its owner may use it again at once.
            ICompletion? next = first.NextCompletion;
            first.NextCompletion = null;
            if (inline)
            {
                first.Execute();
            }
            else
            {
                ThreadPool.UnsafeQueueUserWorkItem(first, preferLocal: false);
            }

            first = next;
        }
    }
}
