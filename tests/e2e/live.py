"""A WebSocket client for /v1/live, of the standard library alone (RFC 6455).

    with Live(suite(), client.token) as live:
        ...
        told = live.until(lambda event: event['id'] == marker)
"""
import base64
import collections
import hashlib
import json
import os
import socket
import ssl
import struct
import threading
import time
import urllib.parse

GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


class Refused(Exception):
    """The answer was no 101: (status, body)."""


class Live:
    def __init__(self, described, token, browser=False):
        address = urllib.parse.urlsplit(described['url'])
        plain = socket.create_connection((address.hostname, address.port), timeout=30)
        self._tls = ssl.create_default_context(cafile=str(described['ca'])).wrap_socket(plain, server_hostname=address.hostname)
        self._stream = self._tls.makefile('rb')
        self._sending, self._changed = threading.Lock(), threading.Condition()
        self.events, self.code, self.reason = [], None, ''
        self._open(address.netloc, token, browser)
        self._tls.settimeout(None)
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _open(self, host, token, browser):
        key = base64.b64encode(os.urandom(16)).decode()
        who = f'Sec-WebSocket-Protocol: renxin.v1, bearer.{token}' if browser else f'Authorization: Bearer {token}'
        self._tls.sendall(f'GET /v1/live HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'
                          f'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n{who}\r\n\r\n'.encode())
        status = int(self._stream.readline().split()[1])
        headers = {}
        while line := self._stream.readline().strip().decode():
            name, _, value = line.partition(':')
            headers[name.lower()] = value.strip()
        if status != 101:
            raise Refused(status, self._stream.read(int(headers.get('content-length', 0))))
        if headers['sec-websocket-accept'] != base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode():
            raise AssertionError('the answer is to another key')
        if headers.get('sec-websocket-protocol') != ('renxin.v1' if browser else None):
            raise AssertionError(f'subprotocol {headers.get("sec-websocket-protocol")}')

    def _frame(self):
        first, second = self._stream.read(2)
        size = second & 0x7f
        if size > 125:
            size, = struct.unpack('!H' if size == 126 else '!Q', self._stream.read(2 if size == 126 else 8))
        return first & 0x0f, self._stream.read(size)

    def _send(self, opcode, payload):
        mask = os.urandom(4)
        size = bytes([0x80 | len(payload)]) if len(payload) < 126 else struct.pack('!BH', 0x80 | 126, len(payload))
        with self._sending:
            self._tls.sendall(bytes([0x80 | opcode]) + size + mask + bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload)))

    def _read(self):
        try:
            while self.code is None:
                opcode, payload = self._frame()
                if opcode == PING:
                    self._send(PONG, payload)
                elif opcode == CLOSE:
                    self._send(CLOSE, payload[:2])
                with self._changed:
                    if opcode == TEXT:
                        self.events.append(json.loads(payload))
                    elif opcode == CLOSE:
                        self.reason, self.code = payload[2:].decode(), struct.unpack('!H', payload[:2])[0]
                    self._changed.notify_all()
        except (OSError, ValueError, struct.error):
            with self._changed:
                self.code = self.code or 1006     # ended without a word
                self._changed.notify_all()

    def renew(self, token):
        self._send(TEXT, json.dumps({'token': token}).encode())

    def until(self, wanted, seconds=60):
        """The events up to the first that is wanted, which is left out; everything before it is forgotten."""
        deadline = time.monotonic() + seconds
        with self._changed:
            while not (found := [at for at, event in enumerate(self.events) if wanted(event)]):
                if self.code or not self._changed.wait(deadline - time.monotonic()):
                    raise AssertionError(f'the event did not come; closed {self.code} {self.reason}; {collections.Counter(e["type"] for e in self.events)}')
            reported, self.events = self.events[:found[0]], self.events[found[0] + 1:]
        return reported

    def closed(self, seconds=30):
        """The close code, when it has come."""
        with self._changed:
            self._changed.wait_for(lambda: self.code is not None, seconds)
        return self.code

    def close(self):
        if self.code is None:
            try:
                self._send(CLOSE, struct.pack('!H', 1000))
            except OSError:
                self.code = 1006
        self.closed(10)
        self._tls.close()
