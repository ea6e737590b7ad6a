"""Compares figures with expected ones, key by key: `./dev real DIR --compare FILE`, or by hand
`python3 infra/dev/compare.py GOT.json EXPECTED.json`."""
import json
import pathlib
import sys

MISSING = object()


def differences(got, expected, path=''):
    """One line for each figure that differs, is missing, or is more than expected."""
    if isinstance(got, dict) and isinstance(expected, dict):
        for key in [*expected, *(key for key in got if key not in expected)]:
            at = f'{path}.{key}' if path else str(key)
            if key in got and key in expected:
                yield from differences(got[key], expected[key], at)
            elif key in expected:
                yield f'{at}: missing, expected {brief(expected[key])}'
            else:
                yield f'{at}: {brief(got[key])}, expected nothing'
    elif got != expected or type(got) is not type(expected):
        yield f'{path}: {brief(got)}, expected {brief(expected)}'


def brief(value):
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else text[:117] + '...'


def figures_in(value):
    if isinstance(value, dict):
        return sum(figures_in(inner) for inner in value.values())
    return 1


def compare(got, expected, out=sys.stderr):
    """Says on `out` what differs; answers the exit code."""
    found = list(differences(got, expected))
    for line in found:
        print(f'dev: DIFFERS {line}', file=out)
    print(f'dev: {figures_in(got)} figures compared, {len(found)} differences', file=out, flush=True)
    return 1 if found else 0


def main():
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    got, expected = (json.loads(pathlib.Path(path).read_text(encoding='utf-8')) for path in sys.argv[1:])
    return compare(got, expected, sys.stdout)


if __name__ == '__main__':
    sys.exit(main())
