"""The files that git knows or would take, as texts by path; a sample in a self-test is the same kind of thing."""
import functools
import os
import pathlib
import subprocess

ROOT = pathlib.Path(os.environ.get('RENXIN_ROOT') or pathlib.Path(__file__).resolve().parents[2])
NOT_OURS = {'.git', '.deps', 'build', 'var', '__pycache__'}


def listed(root=ROOT):
    """Paths relative to the root. A clone that another user made is fine for reading."""
    done = subprocess.run(['git', '-c', f'safe.directory={root}', 'ls-files', '-co', '--exclude-standard', '-z'], cwd=root,
                          text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    if done.returncode == 0:
        names = done.stdout.split('\0')
    else:
        names = [str(path.relative_to(root)) for path in root.rglob('*') if not NOT_OURS & set(path.relative_to(root).parts)]
    return sorted({name for name in names if name and (root / name).is_file()})


@functools.lru_cache(maxsize=1)
def read():
    texts = {}
    for name in listed():
        try:
            texts[name] = (ROOT / name).read_text(encoding='utf-8')
        except UnicodeDecodeError:
            pass    # an image, a descriptor set
    return texts
