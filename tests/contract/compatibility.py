"""What of a contract may not change within v1; growing is no change."""
import pathlib
import subprocess


def compile_protos(root):
    """The FileDescriptorSet of the tree's .proto files, without comments."""
    folder = pathlib.Path(root).resolve() / 'proto'
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob('*.proto'))
    done = subprocess.run(['protoc', '-I', str(folder), '--include_imports', '--descriptor_set_out=/dev/stdout', *files], cwd=folder,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise RuntimeError(f'protoc: {done.stderr.decode()}')
    return done.stdout


def broken(before, after):
    """One sentence for each promise of `before` that `after` does not keep."""
    yield from _broken_fields(before, after)
    yield from _broken_enums(before, after)
    yield from _broken_rpcs(before, after)
    for message, event in before.events.items():
        if after.events.get(message) != event:
            yield f'event {event} of {message} is {after.events.get(message, "gone")}'
    for name, source in before.consumers.items():
        if after.consumers.get(name) != source:
            yield f'consumer {name} is {after.consumers.get(name, "gone")}: it would read everything again'
    for (package, contract), values in before.hosts.items():
        for value in sorted(values - after.hosts.get((package, contract), set())):
            yield f'{package} answers {contract} for {value} no more'


def _broken_fields(before, after):
    for message, numbers in before.fields.items():
        if message not in after.fields:
            yield f'message {message} is gone'
            continue
        now = after.fields[message]
        for number, (name, kind, label, oneof, required) in numbers.items():
            what = f'{message}.{name} = {number}'
            if number not in now:
                yield f'{what} is gone or has another number'
                continue
            new_name, new_kind, new_label, new_oneof, new_required = now[number]
            if new_name != name:
                yield f'{what} is called {new_name}: JSON goes by names'
            if (new_kind, new_label, new_oneof) != (kind, label, oneof):
                yield f'{what} is {new_kind} (label {new_label}, oneof {new_oneof!r}), was {kind} (label {label}, oneof {oneof!r})'
            if new_required and not required:
                yield f'{what} is required now'
        for number, (name, *_, required) in now.items():
            if required and number not in numbers:
                yield f'{message}.{name} = {number} is new and required: who knows nothing of it is refused'


def _broken_enums(before, after):
    for enum, values in before.enums.items():
        for number, name in values.items():
            now = after.enums.get(enum, {}).get(number)
            if now != name:
                yield f'{enum}: {name} = {number} is {now or "gone"}'


def _broken_rpcs(before, after):
    for rpc, was in before.rpcs.items():
        now = after.rpcs.get(rpc)
        if now is None:
            yield f'rpc {rpc} is gone'
            continue
        for what in ('request', 'response', 'http', 'kind'):
            if now[what] != was[what]:
                yield f'rpc {rpc}: {what} is {now[what]}, was {was[what]}'
