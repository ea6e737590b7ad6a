"""The console: built by Vite from console/, compressed, measured, and listed for infra/cmake/EmbedFiles.cmake.

  python3 console.py OUT        # OUT/dist as Vite writes it, OUT/embedded as the gateway holds it, OUT/files.txt
"""
import gzip
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import node
from base import ROOT, DevError, main_guard, say

SOURCE = node.CONSOLE
CONTRACT = ROOT / 'docs/generated/openapi.json'
GENERATED = SOURCE / 'src/api/generated'
TYPES = {'.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.png': 'image/png', '.txt': 'text/plain',
         '.webmanifest': 'application/manifest+json'}
COMPRESSED = ('.html', '.js', '.css', '.svg', '.txt', '.webmanifest')
# gzip, in bytes. What the page loads before it shows anything; one part that a screen loads for itself; all of it.
FIRST, PART, ALL = 300_000, 200_000, 1_200_000
# No file of ours speaks of another host. These are names of document types and links in texts of libraries that nothing follows.
NAMES_NO_HOST = (b'http://www.w3.org/', b'https://vuejs.org/', b'https://element-plus.org/', b'https://github.com/')


def environment():
    """For programs of the console's packages: its own Node.js comes first."""
    return {**os.environ, 'PATH': f'{node.toolchain()}{os.pathsep}{os.environ["PATH"]}', 'NO_COLOR': '1'}


def run_node(script, *arguments, what, **options):
    command = [str(node.toolchain() / 'node'), str(script), *map(str, arguments)]
    done = subprocess.run(command, cwd=SOURCE, env=environment(), text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False, **options)
    if done.returncode:
        raise DevError(f'{what} failed (exit {done.returncode}):\n{done.stdout.strip()}')
    return done.stdout


def generate():
    """Types and tables of the contract, read by the console's sources: never edited, never committed. The same contract writes nothing."""
    packages = node.console()
    stamp = GENERATED / 'contract.txt'
    digest = node.place(SOURCE).name + '\n' + str(hash_of(CONTRACT, SOURCE / 'scripts/contract.mjs')) + '\n'
    if stamp.exists() and stamp.read_text(encoding='ascii') == digest:
        return
    GENERATED.mkdir(parents=True, exist_ok=True)
    run_node(packages / 'openapi-typescript/bin/cli.js', CONTRACT, '-o', GENERATED / 'schema.d.ts', what='openapi-typescript')
    run_node(SOURCE / 'scripts/contract.mjs', CONTRACT, GENERATED / 'contract.ts', what='scripts/contract.mjs')
    stamp.write_text(digest, encoding='ascii')


def hash_of(*files):
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def build(out):
    packages = node.console()
    generate()
    shutil.rmtree(out, ignore_errors=True)
    run_node(packages / 'vite/bin/vite.js', 'build', '--outDir', out / 'dist', '--emptyOutDir', what='vite build')
    sizes = embed(out)
    measure(out / 'dist', sizes)
    said = ', '.join(f'{what} {size / 1000:.0f} KB' for what, size in summary(out / 'dist', sizes))
    say(f'console, gzip: {said}')


def embed(out):
    """Writes what the gateway holds and its list; answers the size of each file by its path below dist."""
    rows, sizes = [], {}
    for file in sorted(path for path in (out / 'dist').rglob('*') if path.is_file()):
        name = file.relative_to(out / 'dist').as_posix()
        data = file.read_bytes()
        zipped = file.suffix in COMPRESSED
        if zipped:
            data = gzip.compress(data, 9, mtime=0)
        target = out / 'embedded' / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        sizes[name] = len(data)
        path = '/c/' if name == 'index.html' else f'/c/{name}'
        immutable = name.startswith('assets/')
        rows.append(f'{path}={TYPES[file.suffix]}={target}={str(zipped).lower()}={str(immutable).lower()}\n')
    (out / 'files.txt').write_text(''.join(rows), encoding='utf-8')
    return sizes


def first_files(dist):
    """What index.html names, and so is loaded before anything is shown."""
    return [name.removeprefix('/c/') for name in re.findall(r'(?:src|href)="([^"]+)"', (dist / 'index.html').read_text(encoding='utf-8'))]


def summary(dist, sizes):
    first = first_files(dist)
    parts = [size for name, size in sizes.items() if name not in first]
    return [('first', sum(sizes[name] for name in first)), ('largest part', max(parts)), ('all', sum(sizes.values()))]


def measure(dist, sizes):
    for (what, size), limit in zip(summary(dist, sizes), (FIRST, PART, ALL)):
        if size > limit:
            raise DevError(f'the console has outgrown its budget: {what} {size} bytes of gzip, {limit} are allowed')
    for file in dist.rglob('*'):
        if file.is_file() and file.suffix in COMPRESSED:
            check_hosts(file)


def check_hosts(file):
    text = file.read_bytes()
    for known in NAMES_NO_HOST:
        text = text.replace(known, b'')
    found = re.search(rb'.{0,60}\bhttps?://.{0,40}', text)
    if found:
        raise DevError(f'{file.name} names another host: {found.group().decode(errors="replace")}')


def serve(folder, port):
    """`./dev console`: Vite's own server in the foreground; what it does not know it asks of the running suite."""
    try:
        address = json.loads((pathlib.Path(folder) / 'instance.json').read_text(encoding='utf-8'))['url']
    except FileNotFoundError:
        raise DevError(f'no suite runs in {folder}: start one with ./dev up') from None
    packages = node.console()
    generate()
    say(f'the console is at http://127.0.0.1:{port}/c/, with the suite at {address}')
    return subprocess.run([str(node.toolchain() / 'node'), str(packages / 'vite/bin/vite.js'), '--port', str(port), '--strictPort', '--host', '127.0.0.1'],
                          cwd=SOURCE, env={**environment(), 'RENXIN_GATEWAY_URL': address}, check=False).returncode


if __name__ == '__main__':
    sys.exit(main_guard(lambda: build(pathlib.Path(sys.argv[1]).resolve())))
