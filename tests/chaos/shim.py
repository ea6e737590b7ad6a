"""Stands between the services and nats-server and misbehaves by seed: doubles and reorders messages both ways, publishes
a poisoned copy of every n-th event, and stops reading for one process when told to (a slow consumer).

Services speak with it in clear over the loopback; it speaks TLS with the server.
"""
import asyncio
import contextlib
import json
import random
import re
import socket
import ssl
import threading
import uuid

MESSAGES = (b'PUB', b'HPUB', b'MSG', b'HMSG')
LATE = 0.05             # seconds: how long a message is held back when none follows it
LIMIT = 4 * 1024 * 1024
SMALL = 64 * 1024
_EVENT_ID = re.compile(rb'ce-id:\s*([0-9a-f-]{36})')


async def frames(reader):
    """(operation, the whole frame as bytes), until the line is cut."""
    while line := await reader.readline():
        words = line.split()
        operation = words[0].upper() if words else b''
        body = await reader.readexactly(int(words[-1]) + 2) if operation in MESSAGES else b''
        yield operation, line + body


def poisoned(frame):
    """(id, frame): the same event under an id of its own, with a body that does not parse; None if it is no event."""
    line, _, rest = frame.partition(b'\r\n')
    words = line.split()
    if words[0] != b'HPUB' or not words[1].startswith(b'ev.'):
        return None
    head = rest[:int(words[-2])]
    event_id = _EVENT_ID.search(head)
    if not event_id:
        return None
    fresh = str(uuid.uuid4())
    head = head.replace(event_id.group(1), fresh.encode())
    body = b'\xff' * 16
    return fresh, b'HPUB %s %d %d\r\n%s%s\r\n' % (words[1], len(head), len(head) + len(body), head, body)


class Mischief:
    """What becomes of one direction of one connection's messages."""

    def __init__(self, writer, shim):
        self.writer = writer
        self.shim = shim
        self.held = None

    def take(self, operation, frame):
        if self.writer.is_closing():
            return
        if operation not in MESSAGES:
            self.let_go()       # a PING asks whether what went before it has arrived
            self.writer.write(frame)
            return
        if self.held is None and self.shim.chance(self.shim.reorder):
            self.held = frame
            asyncio.get_running_loop().call_later(LATE, self.let_go)
            self.shim.count('reordered')
            return
        self.writer.write(frame)
        if self.shim.chance(self.shim.double):
            self.writer.write(frame)
            self.shim.count('doubled')
        self.let_go()

    def let_go(self):
        if self.held is not None:
            held, self.held = self.held, None
            if not self.writer.is_closing():
                self.writer.write(held)


class Shim:
    """with Shim(server_port, ca, seed) as shim: services connect to shim.url"""

    def __init__(self, server_port, ca, seed, double=0.02, reorder=0.02, poison_every=100):
        self.server_port = server_port
        self.ca = ca        # read when the first connection comes: the suite may not have made it yet
        self.double, self.reorder, self.poison_every = double, reorder, poison_every
        self.counts = {}
        self.poison = set()
        self._random = random.Random(seed)
        self._events = 0
        self._stalled = {}      # user -> what is set when it is read again
        self._loop = asyncio.new_event_loop()
        self._server = None
        self._tasks = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name='shim', daemon=True)

    def __enter__(self):
        self._thread.start()
        self._server = self._run(asyncio.start_server(self._serve, '127.0.0.1', 0, limit=LIMIT))
        return self

    def __exit__(self, *_):
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    @property
    def url(self):
        return f'nats://127.0.0.1:{self._server.sockets[0].getsockname()[1]}'

    def environment(self):
        """The environment by which a process comes through here; the CA would make it ask us for TLS."""
        return {'RENXIN_NATS_URL': self.url, 'RENXIN_NATS_CA_FILE': ''}

    def stall(self, user):
        """From now on what the server has for that user is not read."""
        self._stalled[user] = asyncio.Event()

    def release(self, user):
        self._loop.call_soon_threadsafe(self._stalled.pop(user).set)

    def chance(self, share):
        return self._random.random() < share

    def count(self, what):
        self.counts[what] = self.counts.get(what, 0) + 1

    def _run(self, what):
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(20)

    async def _end(self):
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader, writer):
        task = asyncio.current_task()
        self._tasks.add(task)
        server = None
        try:
            # Little is buffered here: who is not read shows at the server.
            line = socket.create_connection(('127.0.0.1', self.server_port), timeout=5)
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
            line.setblocking(False)
            upstream, server = await asyncio.open_connection(sock=line, limit=SMALL)
            info = json.loads((await upstream.readline())[5:])
            await server.start_tls(ssl.create_default_context(cafile=str(self.ca)), server_hostname='127.0.0.1')
            info.update(tls_required=False, tls_available=False, connect_urls=[])
            writer.write(b'INFO ' + json.dumps(info).encode() + b'\r\n')
            await self._both_ways(reader, writer, upstream, server)
        except (OSError, ssl.SSLError, asyncio.IncompleteReadError, ValueError):
            pass        # one side went; the other sees its connection end
        finally:
            self._tasks.discard(task)
            for end in (writer, server):
                if end:
                    end.close()

    async def _both_ways(self, reader, writer, upstream, server):
        who = {'user': '', 'mischief': []}
        tasks = [asyncio.create_task(self._up(reader, server, who)), asyncio.create_task(self._down(upstream, writer, who))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for mischief in who['mischief']:
                mischief.let_go()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _up(self, reader, server, who):
        mischief = Mischief(server, self)
        who['mischief'].append(mischief)
        async for operation, frame in frames(reader):
            if operation == b'CONNECT':
                with contextlib.suppress(ValueError):
                    who['user'] = json.loads(frame[8:]).get('user', '')
            mischief.take(operation, frame)
            self._poison(server, operation, frame)
            await server.drain()

    def _poison(self, server, operation, frame):
        if operation != b'HPUB' or not self.poison_every:
            return
        made = poisoned(frame)
        if not made:
            return
        self._events += 1
        if self._events % self.poison_every == 0:
            self.poison.add(made[0])
            server.write(made[1])
            self.count('poisoned')

    async def _down(self, upstream, writer, who):
        mischief = Mischief(writer, self)
        who['mischief'].append(mischief)
        async for operation, frame in frames(upstream):
            if stalled := self._stalled.get(who['user']):
                await stalled.wait()
            mischief.take(operation, frame)
            await writer.drain()
