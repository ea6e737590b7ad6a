"""How tests speak with a suite: a small HTTP client, a way to wait, and the suite that `./dev test` runs.

    from harness import administrator, eventually, fresh
    lead = administrator().post('/v1/leads', {...}, key=fresh()).expect(200).json
"""
import functools
import http.client
import json
import os
import pathlib
import ssl
import threading
import time
import urllib.parse
import uuid

LOGIN = '/v1/sessions'          # answers {"access_token": …}
CHUNK = 64 * 1024
POLL = 0.05


def fresh(prefix=''):
    """A name nobody else has: tests share one suite and never clean up behind each other."""
    return f'{prefix}{uuid.uuid4()}'


def eventually(seconds, predicate, what='the condition'):
    """Waits until predicate() is truthy and answers that; a test fails when the time is over. An
    AssertionError of the predicate counts as "not yet" and is what the test fails with in the end."""
    deadline = time.monotonic() + seconds
    while True:
        last = None
        try:
            value = predicate()
            if value:
                return value
        except AssertionError as error:
            last = error
        if time.monotonic() >= deadline:
            raise last or AssertionError(f'{what} did not come true within {seconds} s')
        time.sleep(POLL)


class Reply:
    def __init__(self, response, body):
        self.status = response.status
        self.headers = response.headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    def expect(self, *statuses):
        """Itself, if its status is one of these; says what came instead."""
        if self.status not in statuses:
            raise AssertionError(f'status {self.status}, expected {statuses}: {self.body[:2000].decode(errors="replace")}')
        return self

    def __repr__(self):
        return f'<{self.status} {self.body[:200]!r}>'


class Client:
    """One principal against one gateway. Safe to share among threads: each has a connection of its own."""

    def __init__(self, url, ca, token=None, timeout=30):
        self.url = url
        self.token = token
        self.timeout = timeout
        self._ca = ca
        self._tls = ssl.create_default_context(cafile=str(ca))
        self._address = urllib.parse.urlsplit(url)
        self._local = threading.local()

    def with_token(self, token):
        return Client(self.url, self._ca, token, self.timeout)

    def get(self, path, **options):
        return self.request('GET', path, **options)

    def post(self, path, body=None, **options):
        return self.request('POST', path, body, **options)

    def put(self, path, body=None, **options):
        return self.request('PUT', path, body, **options)

    def patch(self, path, body=None, **options):
        return self.request('PATCH', path, body, **options)

    def delete(self, path, **options):
        return self.request('DELETE', path, **options)

    def request(self, method, path, body=None, *, key=None, query=None, headers=None, raw=None):
        """`body` goes as JSON, `raw` as it is (bytes). `key` is the Idempotency-Key."""
        if query:
            path += ('&' if '?' in path else '?') + urllib.parse.urlencode(query, doseq=True)
        sent = self._headers(key, headers)
        if raw is None and body is not None:
            raw = json.dumps(body, ensure_ascii=False).encode()
        if raw is not None:
            sent.setdefault('Content-Type', 'application/json')
        may_repeat = method == 'GET' or key is not None
        return self._exchange(method, path, raw, sent, may_repeat)

    def upload(self, path, fields, file, *, key=None, field='file', content_type='text/csv', headers=None):
        """multipart/form-data; `file` is a path, which is streamed, or a pair (name, bytes)."""
        boundary = uuid.uuid4().hex
        name, size, chunks = _file_source(file)
        head = ''.join(f'--{boundary}\r\nContent-Disposition: form-data; name="{key_}"\r\n\r\n{value}\r\n'
                       for key_, value in fields.items())
        head += (f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
                 f'Content-Type: {content_type}\r\n\r\n')
        head, end = head.encode(), f'\r\n--{boundary}--\r\n'.encode()

        def stream():
            yield head
            yield from chunks()
            yield end
        sent = self._headers(key, headers)
        sent['Content-Type'] = f'multipart/form-data; boundary={boundary}'
        sent['Content-Length'] = str(len(head) + size + len(end))
        self.close()        # a stream cannot be sent again, so it does not ride on a connection that may be stale
        return self._exchange('POST', path, stream(), sent, may_repeat=False)

    def close(self):
        connection = getattr(self._local, 'connection', None)
        if connection:
            connection.close()
        self._local.connection = None

    def _headers(self, key, headers):
        sent = {'Accept': 'application/json'}
        if self.token:
            sent['Authorization'] = f'Bearer {self.token}'
        if key is not None:
            sent['Idempotency-Key'] = key
        return {**sent, **(headers or {})}

    def _exchange(self, method, path, raw, headers, may_repeat):
        """Sends again once when a kept connection turns out to be closed, and only what may be repeated."""
        kept = getattr(self._local, 'connection', None) is not None
        try:
            return self._once(method, path, raw, headers)
        except (ConnectionError, ssl.SSLError, http.client.HTTPException):
            self.close()
            if not (kept and may_repeat):
                raise
            return self._once(method, path, raw, headers)
        except BaseException:
            self.close()        # half an answer may lie on that connection
            raise

    def _once(self, method, path, raw, headers):
        connection = getattr(self._local, 'connection', None)
        if connection is None:
            connection = http.client.HTTPSConnection(self._address.hostname, self._address.port,
                                                     timeout=self.timeout, context=self._tls)
            self._local.connection = connection
        connection.request(method, path, raw, headers)
        response = connection.getresponse()
        reply = Reply(response, response.read())
        if response.will_close:
            self.close()
        return reply


def _file_source(file):
    if isinstance(file, tuple):
        name, data = file
        return name, len(data), lambda: iter([data])
    path = pathlib.Path(file)

    def chunks():
        with open(path, 'rb') as source:
            while part := source.read(CHUNK):
                yield part
    return path.name, path.stat().st_size, chunks


def sign_in(client, username, password):
    """The same client, as that person."""
    reply = client.post(LOGIN, {'username': username, 'password': password}).expect(200, 201)
    return client.with_token(reply.json['access_token'])


def anonymous(instance):
    """A client nobody has signed in for; instance: a running Instance, or what instance.json says."""
    if isinstance(instance, dict):
        return Client(instance['url'], instance['ca'])
    return Client(instance.url, instance.ca)


def administrator_of(instance):
    described = instance if isinstance(instance, dict) else json.loads(instance.file.read_text(encoding='utf-8'))
    account = described['administrator']
    password = pathlib.Path(account['password_file']).read_text(encoding='ascii').strip()
    return sign_in(anonymous(described), account['username'], password)


@functools.cache
def suite():
    """The suite that `./dev test` runs for all end-to-end modules, as instance.json describes it. For a run by
    hand: RENXIN_E2E_INSTANCE=var/instance.json beside a running `./dev up`."""
    path = os.environ.get('RENXIN_E2E_INSTANCE')
    if not path:
        raise AssertionError('RENXIN_E2E_INSTANCE is not set: run through ./dev test, or point it at var/instance.json')
    return json.loads(pathlib.Path(path).read_text(encoding='utf-8'))


@functools.cache
def administrator():
    return administrator_of(suite())
