"""Is it ready? Each probe answers within half a second and never raises for a server that is not there."""
import http.client
import socket
import struct

PATIENCE = 0.5


def http_ok(port, path):
    connection = http.client.HTTPConnection('127.0.0.1', port, timeout=PATIENCE)
    try:
        connection.request('GET', path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def postgres_accepts(port):
    """What pg_isready does, without a process each time: a start-up message is answered with a request
    for the password ('R') once the server takes connections, and with an error while it recovers."""
    body = struct.pack('!I', 196608) + b'user\0postgres\0database\0postgres\0\0'
    try:
        with socket.create_connection(('127.0.0.1', port), timeout=PATIENCE) as server:
            server.sendall(struct.pack('!I', len(body) + 4) + body)
            return server.recv(4096)[:1] == b'R'    # all of it: an unread rest would be logged as a reset
    except OSError:
        return False
