"""How much processor time a process has used, its children included; and PostgreSQL's backends by the role they serve."""
import os
import pathlib
import re

from memory import children

TICKS = os.sysconf('SC_CLK_TCK')
BACKEND = re.compile(r'postgres:(?: [^ ]+:)? ([a-z_]+) [a-z_]+ (?:\[local\]|[0-9.]+\()')


def own(pid):
    """Seconds of one process; 0 if it is gone."""
    try:
        fields = pathlib.Path(f'/proc/{pid}/stat').read_text(encoding='ascii', errors='replace').rsplit(')', 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / TICKS


def of_tree(pid):
    return 0.0 if pid is None else own(pid) + sum(of_tree(child) for child in children(pid))


def role(pid):
    """The role a backend serves; `background` for the processes that serve nobody."""
    try:
        title = pathlib.Path(f'/proc/{pid}/cmdline').read_text(encoding='utf-8', errors='replace')
    except OSError:
        return 'background'
    found = BACKEND.match(title)
    return found.group(1) if found else 'background'


def of_backends(postmaster):
    """role -> seconds of the backends that live now."""
    seconds = {}
    for pid in children(postmaster) if postmaster else []:
        name = role(pid)
        seconds[name] = seconds.get(name, 0.0) + own(pid)
    return seconds
