"""Free TCP ports on the loopback."""
import random
import socket
import threading

# Below Linux's range for outgoing connections (32768 and up), so that nobody's outgoing connection
# takes a port between our choosing it and the process listening on it.
LOWEST, HIGHEST = 20000, 32000
# Two suites of one process choose at the same moment, and bind later: what was given out is not given again.
_given, _giving = set(), threading.Lock()


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(('127.0.0.1', port))
        except OSError:
            return False
        return True


def free_ports(count):
    """That many different free ports, from a random place so that two suites seldom want the same."""
    start = random.randrange(LOWEST, HIGHEST)
    chosen = []
    with _giving:
        for step in range(HIGHEST - LOWEST):
            if len(chosen) == count:
                _given.update(chosen)
                return chosen
            port = LOWEST + (start - LOWEST + step) % (HIGHEST - LOWEST)
            if port not in _given and is_free(port):
                chosen.append(port)
    raise OSError('no free ports on 127.0.0.1')


def prefer(wanted):
    """For each name its wanted port where that is free (addresses that stay are convenient), else a
    free one; `wanted` maps name to port or None."""
    taken = set()
    result = {}
    for name, port in wanted.items():
        if port and port not in taken and is_free(port):
            result[name] = port
            taken.add(port)
    missing = [name for name in wanted if name not in result]
    spare = [port for port in free_ports(len(wanted)) if port not in taken]
    return {**result, **dict(zip(missing, spare, strict=False))}
