"""How much memory a process really costs: PSS, in which shared pages are divided among their users."""
import os
import pathlib


def pss(pid):
    try:
        text = pathlib.Path(f'/proc/{pid}/smaps_rollup').read_text(encoding='ascii')
    except OSError:     # gone, or never there
        return 0
    return next((int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith('Pss:')), 0)


def children(pid):
    """Those of all its threads; none once it is gone, which it may be at any moment of this."""
    folder = f'/proc/{pid}/task'
    try:
        threads = os.listdir(folder)    # pathlib's glob lets a folder that vanishes under it raise
    except OSError:
        return []
    found = []
    for thread in threads:
        try:
            found += [int(child) for child in pathlib.Path(folder, thread, 'children').read_text(encoding='ascii').split()]
        except OSError:
            pass
    return found


def pss_of_tree(pid):
    if pid is None:
        return 0
    return pss(pid) + sum(pss_of_tree(child) for child in children(pid))
