"""Just enough C++ to ask questions of a source file: code without its comments and texts, and the texts alone."""
import bisect
import dataclasses
import re

_RAW = re.compile(r'R"([^()\\\s]{0,16})\(')
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


@dataclasses.dataclass
class Text:
    """A string literal; neighbours that the compiler joins are one."""
    line: int
    value: str


class Source:
    def __init__(self, text):
        self.text = text
        self._starts = [0] + [match.end() for match in re.finditer('\n', text)]
        self.code, self.texts = self._read()

    def line(self, position):
        return bisect.bisect_right(self._starts, position)

    def includes(self):
        """(line, path, quoted), of the text without comments."""
        return [(self.line(match.start()), match.group(2), match.group(1) == '"')
                for match in _INCLUDE.finditer(self.text) if self.code[match.start(1) - 1] != '\0']

    def _read(self):
        text, end, at = self.text, len(self.text), 0
        code, literals = list(text), []
        while at < end:
            here = text[at]
            if here == '/' and text[at:at + 2] in ('//', '/*'):
                close = text.find('\n', at) if text[at + 1] == '/' else text.find('*/', at + 2) + 2
                close = end if close < at + 2 else close
                _blank(code, at, close)
            elif here == 'R' and (raw := _RAW.match(text, at)) and not _in_word(text, at):
                stop = text.find(f'){raw.group(1)}"', raw.end())
                stop = end if stop < 0 else stop
                literals.append((at, stop + len(raw.group(1)) + 2, text[raw.end():stop]))
                close = literals[-1][1]
                _blank(code, at, close)
            elif here == '"':
                close = _closing(text, at, '"')
                if not re.search(r'#[ \t]*include[ \t]*$', text[text.rfind('\n', 0, at) + 1:at]):
                    literals.append((at, close, text[at + 1:close - 1]))
                _blank(code, at, close)
            elif here == "'" and not _in_word(text, at):
                close = _closing(text, at, "'")
                _blank(code, at, close)
            else:
                close = at + 1
            at = close
        return ''.join(code), self._join(literals, ''.join(code))

    def _join(self, literals, code):
        joined, last_end = [], -1
        for start, close, value in literals:
            if joined and not code[last_end:start].strip():
                joined[-1].value += value
            else:
                joined.append(Text(self.line(start), value))
            last_end = close
        return joined


def _in_word(text, at):
    return at > 0 and (text[at - 1].isalnum() or text[at - 1] == '_')


def _closing(text, at, quote):
    close = at + 1
    while close < len(text) and text[close] != quote and text[close] != '\n':
        close += 2 if text[close] == '\\' else 1
    return min(close + 1, len(text))


def _blank(code, start, close):
    for at in range(start, min(close, len(code))):
        if code[at] != '\n':
            code[at] = ' '


_SCOPE = re.compile(r'\b(?:namespace|class|struct|union|enum|extern)\b[^;{}()]*$')
_FUNCTION = re.compile(r'\)\s*(?:const|noexcept|override|final|mutable|->\s*[\w:<>,&*\s]+|:\s*.*)?\s*$', re.DOTALL)


def functions(source):
    """(line, name, number of lines) of the bodies that stand at namespace or class level. A heuristic:
    a brace behind a parameter list opens a function."""
    code, stack, since, found = source.code, [], 0, []
    for at, here in enumerate(code):
        if here == '{':
            head = code[since:at]
            inside = any(kind == 'function' for kind, *_ in stack)
            if inside:
                kind = 'inner'
            elif _SCOPE.search(head):
                kind = 'scope'
            else:
                kind = 'function' if _FUNCTION.search(head) else 'inner'
            stack.append((kind, since + len(head) - len(head.lstrip()), head))
            since = at + 1
        elif here == '}':
            if stack:
                kind, start, head = stack.pop()
                if kind == 'function':
                    found.append((source.line(start), _name(head), source.line(at) - source.line(start) + 1))
            since = at + 1
        elif here == ';':
            since = at + 1
    return found


def _name(head):
    names = re.findall(r'([\w:~]+)\s*\(', head)
    return names[0] if names else '?'
