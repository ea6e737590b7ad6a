"""The entry point of ./dev. `./dev help` for what it does."""
import argparse
import signal
import sys

import base
from base import ROOT


def parser():
    top = argparse.ArgumentParser(prog='./dev', description='Builds, runs and tests the Renxin suite.')
    commands = top.add_subparsers(dest='command', required=True, metavar='COMMAND')

    def add(name, what):
        return commands.add_parser(name, help=what, description=what)

    add('help', 'this text')
    add('deps', 'install what is missing (apt), put nats-server, libphonenumber and the API explorer below .deps')
    add('build', 'configure and build into build/dev').add_argument('target', nargs='?')
    add('gen', 'run the generators, so that committed generated files match the contract')

    up = add('up', 'install, build, then run the whole suite until Ctrl-C; again on what is there; --demo: with a small hospital in it')
    up.add_argument('--postgres', action='store_true', help='on a PostgreSQL cluster of its own, not on SQLite')
    up.add_argument('--var', default=str(ROOT / 'var'), metavar='DIR', help='where it keeps everything (var)')
    up.add_argument('--port', type=int, help='of the gateway (8443, or a free one)')
    up.add_argument('--demo', action='store_true', help='with a small hospital in it, made once, and what the suite makes of it')
    up.add_argument('--seed', type=int, help='of the demonstration: the same seed and day make the same hospital (20110)')
    up.add_argument('--no-build', action='store_true', help='with the binaries that are there')

    test = add('test', 'build and run every test on both databases; ends with N passed, N failed')
    test.add_argument('filter', nargs='?', help='programs or modules, else test cases, with this in their name')
    test.add_argument('--quick', action='store_true', help='no chaos, no demonstration, end-to-end on SQLite only')
    test.add_argument('--sanitize', action='store_true', help='the tests of shared/ under ASan and UBSan, then under TSan, and nothing else')
    test.add_argument('--long', action='store_true', help='also the heavy runs')

    check = add('check', 'format, clang-tidy (files changed since main), architecture')
    check.add_argument('--all', action='store_true', help='clang-tidy on every file')

    bench = add('bench', 'measure; on both databases')
    bench.add_argument('filter', nargs='?', help='only benches with this in their name')

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

    real = add('real', 'import every set found in DIR into a fresh suite and print the figures')
    real.add_argument('dir', metavar='DIR')
    real.add_argument('--database', choices=('sqlite', 'postgres'), default='sqlite')
    real.add_argument('--compare', metavar='FILE', help='with expected figures; ends with 1 when any differs')
    return top


def dispatch(arguments):
    """Modules are imported where they are used: `./dev deps` works when others would not yet."""
    import build
    import deps
    if arguments.command == 'help':
        parser().print_help()
        return 0
    if arguments.command == 'up':
        import up
        database = 'postgres' if arguments.postgres else 'sqlite'
        if arguments.seed is not None and not arguments.demo:
            raise base.DevError('--seed belongs to --demo')
        return up.up(arguments.var, database, arguments.port, arguments.no_build, arguments.demo, arguments.seed)
    if arguments.command == 'test':
        return test(arguments)
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
        return bench.bench(arguments.filter)
    if arguments.command == 'chaos':
        import chaos
        return chaos.chaos(arguments.database, arguments.kills, arguments.minutes, arguments.seed, arguments.only, arguments.before)
    if arguments.command == 'real':
        import real
        return real.real(arguments.dir, arguments.database, arguments.compare, result)
    return 0


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
        return runner.test(arguments.filter, arguments.quick, arguments.long)
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
