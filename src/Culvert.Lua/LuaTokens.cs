namespace Culvert.Lua;

/// <summary>
/// Reads the words of a script that Lua has compiled before, so that it is known to be well formed. Comments and space are
/// skipped; a string is one token; an operator is taken a character at a time, apart from dots.
/// </summary>
internal ref struct LuaTokens(ReadOnlySpan<byte> source)
{
    private readonly ReadOnlySpan<byte> _source = source;
    private int _end;

    /// <summary>Where the token starts.</summary>
    internal int Start { get; private set; }

    /// <summary>Where the token ends.</summary>
    internal readonly int End => _end;

    /// <summary>Whether it is a name or a keyword.</summary>
    internal bool IsWord { get; private set; }

    /// <summary>The token's bytes.</summary>
    internal readonly ReadOnlySpan<byte> Text => _source[Start.._end];

    /// <summary>Goes on to the next token; false at the end.</summary>
    internal bool Next()
    {
        SkipSpace();
        Start = _end;
        IsWord = false;
        if (_end >= _source.Length)
        {
            return false;
        }

        byte c = _source[_end];
        if (IsLetter(c))
        {
            IsWord = true;
            TakeWhile(static b => IsLetter(b) || IsDigit(b));
        }
        else if (IsDigit(c) || (c == '.' && IsDigit(At(1))))
        {
            // Signs of exponents become tokens of their own, which nobody minds.
            TakeWhile(static b => IsLetter(b) || IsDigit(b) || b == '.');
        }
        else if (c is (byte)'"' or (byte)'\'')
        {
            TakeString(c);
        }
        else if (c == '[' && LongBracket(_end) is { } level)
        {
            TakeLong(level);
        }
        else
        {
            _end++;
            for (int i = 0; i < 2 && c == '.' && At(0) == '.'; i++)
            {
                _end++;
            }
        }

        return true;
    }

    private static bool IsLetter(byte b) => (byte)((b | 0x20) - 'a') < 26 || b == '_';

    private static bool IsDigit(byte b) => (byte)(b - '0') < 10;

    private readonly byte At(int offset) => _end + offset < _source.Length ? _source[_end + offset] : (byte)0;

    private void TakeWhile(Func<byte, bool> belongs)
    {
        while (_end < _source.Length && belongs(_source[_end]))
        {
            _end++;
        }
    }

    private void TakeString(byte quote)
    {
        _end++;
        while (_end < _source.Length && _source[_end] != quote)
        {
            _end += _source[_end] == '\\' ? 2 : 1;
        }

        _end = Math.Min(_end + 1, _source.Length);
    }

    /// <summary>How many = a long bracket that opens here has; null when there is none.</summary>
    private readonly int? LongBracket(int at)
    {
        int i = at + 1;
        while (i < _source.Length && _source[i] == '=')
        {
            i++;
        }

        return i < _source.Length && _source[i] == '[' ? i - at - 1 : null;
    }

    private void TakeLong(int level)
    {
        byte[] close = new byte[level + 2];
        close.AsSpan().Fill((byte)'=');
        close[0] = close[^1] = (byte)']';
        _end += level + 2;
        int found = _source[_end..].IndexOf(close);
        _end = found < 0 ? _source.Length : _end + found + close.Length;
    }

    private void SkipSpace()
    {
        while (_end < _source.Length)
        {
            if (At(0) is (byte)' ' or (>= 9 and <= 13))
            {
                _end++;
            }
            else if (At(0) == '-' && At(1) == '-')
            {
                _end += 2;
                if (At(0) == '[' && LongBracket(_end) is { } level)
                {
                    TakeLong(level);
                    continue;
                }

                int line = _source[_end..].IndexOfAny((byte)'\n', (byte)'\r');
                _end = line < 0 ? _source.Length : _end + line;
            }
            else
            {
                return;
            }
        }
    }
}
