"""The entry point of ./dev. `./dev help` for what it does."""
import argparse
import signal
import sys
import textwrap

import base
from base import ROOT


GROUPS = (
    ('Run', ('up', 'console', 'status', 'logs', 'psql', 'down')),
    ('Build', ('deps', 'build', 'gen', 'image', 'package')),
    ('Test', ('test', 'chaos', 'fuzz')),
    ('Check', ('check', 'k8s')),
    ('Measure', ('bench', 'real')),
    ('Help', ('help',)),
)


class Parser(argparse.ArgumentParser):
    """Its help shows the commands by group."""

    def __init__(self, **options):
        super().__init__(**options)
        self.purposes = {}
        self.commands = self.add_subparsers(dest='command', required=True, metavar='COMMAND', parser_class=argparse.ArgumentParser)

    def add(self, name, what):
        self.purposes[name] = what
        return self.commands.add_parser(name, help=what, description=what)

    def format_help(self):
        lines = ['usage: ./dev COMMAND [OPTIONS]   (./dev COMMAND --help: its options)', '', self.description]
        for group, names in GROUPS:
            lines += ['', group]
            for name in names:
                lines += textwrap.wrap(self.purposes[name], 110, initial_indent=f'  {name:<8}', subsequent_indent=' ' * 10)
        return '\n'.join(lines) + '\n'


def parser():
    top = Parser(prog='./dev', description='Builds, runs and tests the Renxin suite.')
    top.add('help', 'this text')
    for add_group in (add_run, add_build, add_test, add_check, add_measure):
        add_group(top.add)
    return top


def add_run(add):
    up = add('up', 'install, build, then run the whole suite until Ctrl-C; again on what is there; --demo: with a small hospital in it')
    up.add_argument('--postgres', action='store_true', help='on a PostgreSQL cluster of its own, not on SQLite')
    up.add_argument('--port', type=int, help='of the gateway (8443, or a free one)')
    up.add_argument('--demo', action='store_true', help='with a small hospital in it, made once, and what the suite makes of it')
    up.add_argument('--seed', type=int, help='of the demonstration: the same seed and day make the same hospital (20110)')
    up.add_argument('--no-build', action='store_true', help='with the binaries that are there')

    console = add('console', 'the console with hot reload, against the suite that ./dev up runs in another shell')
    console.add_argument('--console-port', type=int, default=5173, help='where it is served (5173)')

    down = add('down', 'end the suite that ./dev up runs, from another shell; ends with 0 when none runs any more')
    down.add_argument('--seconds', type=float, default=60, help='what takes longer is killed (60)')

    status = add('status', 'what runs: processes, pids, ports, ready or not, since when; ends with 1 when one is not ready, with 3 when nothing runs')

    logs = add('logs', 'the end of what a service said, nats and postgres too')
    logs.add_argument('service', metavar='SERVICE')
    logs.add_argument('--follow', '-f', action='store_true', help='and what it says from now on')
    logs.add_argument('--lines', '-n', type=int, default=200, help='how many (200)')

    psql = add('psql', 'psql on the database of a service, sqlite3 where it is SQLite')
    psql.add_argument('service', metavar='SERVICE')
    psql.add_argument('-c', dest='sql', metavar='SQL', help='run this and end')
    psql.add_argument('--owner', action='store_true', help='as the role of the migrations, not as that of the running service')

    for command in (up, console, down, status, logs, psql):
        command.add_argument('--var', default=str(ROOT / 'var'), metavar='DIR', help='where the suite keeps everything (var)')


def add_build(add):
    add('deps', 'install what is missing (apt), put nats-server, libphonenumber and the API explorer below .deps')
    add('build', 'configure and build into build/dev').add_argument('target', nargs='?')
    add('gen', 'run the generators, so that committed generated files match the contract')
    image = add('image', 'one container image of every program, without a shell, as build/image/renxin.oci.tar; what is in it, and licences, beside it')
    package = add('package', 'the programs, nats-server and systemd units as one archive for one machine, below build/package')
    image.add_argument('--tag', default='0.1.0', help='(0.1.0)')
    package.add_argument('--version', default='0.1.0', help='(0.1.0)')
    for command in (image, package):
        command.add_argument('--programs', metavar='DIR', help='of another build, not of preset release')


def add_test(add):
    test = add('test', 'build and run every test on both databases; ends with N passed, N failed')
    test.add_argument('filter', nargs='?', help='programs or modules, else test cases, with this in their name')
    test.add_argument('--changed', action='store_true', help='only what the changes since main, committed or not, can touch')
    test.add_argument('--quick', action='store_true', help='no chaos, no demonstration, end-to-end on SQLite only')
    test.add_argument('--sanitize', action='store_true', help='the tests of shared/ under ASan and UBSan, then under TSan, and nothing else')
    test.add_argument('--long', action='store_true', help='also the heavy runs')

    chaos = add('chaos', 'kills and worse under load, through a shim that doubles, reorders and poisons; an audit at the end')
    chaos.add_argument('--kills', type=int, help='end after so many (200)')
    chaos.add_argument('--minutes', type=float, help='or after so long (60)')
    chaos.add_argument('--seed', type=int, help='draw the same disturbances again')
    chaos.add_argument('--database', choices=('sqlite', 'postgres'), help='only on this one')
    chaos.add_argument('--only', metavar='WHAT', help='one disturbance of tests/chaos/disturbances.py')
    chaos.add_argument('--before', metavar='COMMIT', help='every second process runs the programs of that release (PostgreSQL)')

    fuzz = add('fuzz', 'the libFuzzer programs of tests/fuzz, each its runs or its minutes, whichever is over first')
    fuzz.add_argument('target', nargs='?', help='only this one')
    fuzz.add_argument('--runs', type=int, help='of each (10,000,000)')
    fuzz.add_argument('--minutes', type=float, help='of each (20)')


def add_check(add):
    check = add('check', 'format, clang-tidy (files changed since main), architecture')
    check.add_argument('--all', action='store_true', help='clang-tidy on every file')

    manifests = add('k8s', 'render an overlay of k8s/ as one file, or check it (without a name: all): schemas, policies, references, alerts')
    manifests.add_argument('action', choices=('render', 'check'))
    manifests.add_argument('overlay', nargs='?', metavar='OVERLAY')


def add_measure(add):
    bench = add('bench', 'measure; on both databases')
    bench.add_argument('filter', nargs='?', help='only benches with this in their name')
    bench.add_argument('--before', metavar='COMMIT', help='requests alone, beside the suite of that commit, built once')

    real = add('real', 'import every set found in DIR into a fresh suite and print the figures')
    real.add_argument('dir', metavar='DIR')
    real.add_argument('--database', choices=('sqlite', 'postgres'), default='sqlite')
    real.add_argument('--compare', metavar='FILE', help='with expected figures; ends with 1 when any differs')


def dispatch(arguments):
    """Modules are imported where they are used: `./dev deps` works when others would not yet."""
    import build
    import deps
    if arguments.command == 'help':
        parser().print_help()
        return 0
    if arguments.command in dict(GROUPS)['Run']:
        return run(arguments)
    if arguments.command == 'test':
        return test(arguments)
    if arguments.command == 'k8s':
        import kubernetes
        return kubernetes.main(arguments.action, arguments.overlay)
    if arguments.command == 'image':
        import image
        return image.main(arguments.programs, arguments.tag)
    if arguments.command == 'package':
        import package
        return package.main(arguments.programs, arguments.version)
    result = base.result_only() if arguments.command == 'real' else None
    deps.ensure()
    if arguments.command == 'fuzz':
        import fuzz
        return fuzz.main(arguments.target, arguments.runs, arguments.minutes)
    if arguments.command == 'deps':
        base.say('everything is there')
        return 0
    build.build({'build': getattr(arguments, 'target', None), 'gen': 'gen', 'real': 'programs', 'chaos': 'programs'}.get(arguments.command))
    if arguments.command == 'check':
        import check
        return check.check(arguments.all)
    if arguments.command == 'bench':
        import bench
        return bench.bench(arguments.filter, arguments.before)
    if arguments.command == 'chaos':
        import chaos
        return chaos.chaos(arguments.database, arguments.kills, arguments.minutes, arguments.seed, arguments.only, arguments.before)
    if arguments.command == 'real':
        import real
        return real.real(arguments.dir, arguments.database, arguments.compare, result)
    return 0


def run(arguments):
    """Only `up` installs and builds; the others ask the suite that runs."""
    import operate
    if arguments.command == 'down':
        return operate.down(arguments.var, arguments.seconds)
    if arguments.command == 'console':
        import console
        return console.serve(arguments.var, arguments.console_port)
    if arguments.command == 'status':
        return operate.status(arguments.var)
    if arguments.command == 'logs':
        return operate.logs(arguments.var, arguments.service, arguments.follow, arguments.lines)
    if arguments.command == 'psql':
        return operate.psql(arguments.var, arguments.service, arguments.sql, arguments.owner)
    import up
    if arguments.seed is not None and not arguments.demo:
        raise base.DevError('--seed belongs to --demo')
    return up.up(arguments.var, 'postgres' if arguments.postgres else 'sqlite', arguments.port, arguments.no_build, arguments.demo, arguments.seed)


def test(arguments):
    """Whatever goes wrong before the first test, the last line says how it stands."""
    import build
    import deps
    try:
        deps.ensure(arguments.long)
        if arguments.sanitize:
            import sanitize
            return sanitize.sanitize(arguments.filter)
        build.build()
        import runner
        return runner.test(arguments.filter, arguments.quick, arguments.long, arguments.changed)
    except base.DevError as error:
        print(f'dev: {error}\n0 passed, 1 failed', flush=True)
        return 1


def interrupt(*_):
    raise KeyboardInterrupt


def main():
    # A polite kill unwinds like Ctrl-C, so that what runs below us is ended in order.
    signal.signal(signal.SIGTERM, interrupt)
    arguments = parser().parse_args(sys.argv[1:] or ['help'])
    return base.main_guard(lambda: dispatch(arguments))


if __name__ == '__main__':
    sys.exit(main())
