"""Stand-ins for the suite's programs, so that dev itself can be tested without a build of the C++."""
import pathlib
import sys
import textwrap

SERVICE = '''
import os, signal, socket, sys
if '--bootstrap-administrator' in sys.argv:
    sys.exit(0 if os.path.exists(sys.argv[sys.argv.index('--password-file') + 1]) else 2)
if os.environ.get('FAKE_DIES'):
    print(os.environ['FAKE_DIES'], file=sys.stderr)
    sys.exit(3)
host, port = os.environ['RENXIN_HTTP_ADDRESS'].split(':')
server = socket.create_server((host, int(port)), backlog=64)
ignored = os.environ.get('FAKE_IGNORES_TERM')
def end(*_):
    print('asked to end', file=sys.stderr, flush=True)
    if not ignored:
        sys.exit(0)
signal.signal(signal.SIGTERM, end)
print('started', os.environ.get('RENXIN_DATABASE_URL', ''), file=sys.stderr, flush=True)
while True:     # a library would take longer to load than all of this takes
    connection, _ = server.accept()
    with connection:
        path = (connection.recv(4096) or b'GET - ').split(b' ')[1]
        status = b'200 OK' if path in (b'/livez', b'/readyz') else b'404 Not Found'
        connection.sendall(b'HTTP/1.0 ' + status + b'\\r\\nContent-Length: 0\\r\\n\\r\\n')
'''

COMMAND_LINE = '''
import os, sys
def option(name):
    return sys.argv[sys.argv.index(name) + 1]
if sys.argv[1] == 'nats-config':
    password = open(os.path.join(option('--secrets'), 'identity.password')).read().strip()
    open(option('--out'), 'w').write(f"""
host: 127.0.0.1
port: {option('--port')}
http: "127.0.0.1:{option('--http-port')}"
jetstream {{ store_dir: "{option('--store')}" }}
accounts {{ A {{ jetstream: enabled, users: [ {{ user: identity, password: "{password}" }} ] }} }}
""")
elif sys.argv[1] == 'provision':
    sys.exit(0 if os.environ['RENXIN_NATS_USER'] == 'provision' else 1)
'''


def install(folder):
    """Writes the programs into folder and answers it."""
    folder = pathlib.Path(folder)
    services = [f'renxin-{name}' for name in ('gateway', 'identity', 'leads', 'referrals', 'commissions', 'membership', 'notifications')]
    for name, text in {**dict.fromkeys(services, SERVICE), 'renxin': COMMAND_LINE}.items():
        path = folder / name
        path.write_text(f'#!{sys.executable} -S\n' + textwrap.dedent(text), encoding='utf-8')
        path.chmod(0o755)
    return folder


def alive(pid):
    """A zombie does not count: where nobody reaps, a killed orphan stays one."""
    try:
        return pathlib.Path(f'/proc/{pid}/stat').read_text(encoding='ascii').rpartition(')')[2].split()[0] != 'Z'
    except OSError:
        return False
