"""Reads a FileDescriptorSet as protoc writes it: Protobuf's wire format, and of descriptor.proto what
compatibility is about. Python has no protobuf on a fresh Debian, and this is all that is needed of it."""
import dataclasses

# Our extensions (proto/renxin/options/v1).
HTTP, HOSTS, ACCESS, FIELD_RULES, EVENT, CONSUMERS = 50001, 50002, 50011, 50021, 50041, 50042
TYPES = {1: 'double', 2: 'float', 3: 'int64', 4: 'uint64', 5: 'int32', 6: 'fixed64', 7: 'fixed32', 8: 'bool', 9: 'string', 10: 'group',
         11: 'message', 12: 'bytes', 13: 'uint32', 14: 'enum', 15: 'sfixed32', 16: 'sfixed64', 17: 'sint32', 18: 'sint64'}
VERBS = {1: 'GET', 2: 'POST', 3: 'PUT', 4: 'PATCH', 5: 'DELETE'}


def _varint(data, at):
    value, shift = 0, 0
    while True:
        byte = data[at]
        value |= (byte & 0x7f) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def fields(data):
    """number -> list of values: numbers, or bytes."""
    found, at = {}, 0
    while at < len(data):
        tag, at = _varint(data, at)
        kind = tag & 7
        if kind == 0:
            value, at = _varint(data, at)
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
            value, at = data[at:at + size], at + size
        elif kind == 2:
            size, at = _varint(data, at)
            value, at = data[at:at + size], at + size
        else:
            raise ValueError(f'wire type {kind}: not what protoc writes')
        if at > len(data):
            raise ValueError('cut short')
        found.setdefault(tag >> 3, []).append(value)
    return found


class Message:
    """One message by field numbers; what is absent is the default."""

    def __init__(self, data):
        self._fields = fields(data)

    def text(self, number):
        return self._fields.get(number, [b''])[-1].decode()

    def number(self, number, default=0):
        return self._fields.get(number, [default])[-1]

    def texts(self, number):
        return [value.decode() for value in self._fields.get(number, [])]

    def all(self, number):
        return [Message(value) for value in self._fields.get(number, [])]

    def one(self, number):
        """Parts of a message that stand apart are one message."""
        parts = self._fields.get(number)
        return None if parts is None else Message(b''.join(parts))

    def numbers(self):
        return set(self._fields)

    def raw(self):
        return sorted(self._fields.items())


@dataclasses.dataclass
class Contract:
    """Names are full: renxin.leads.v1.Lead, renxin.leads.v1.LeadService.GetLead."""
    fields: dict = dataclasses.field(default_factory=dict)      # message -> number -> (name, type, label, oneof, required)
    enums: dict = dataclasses.field(default_factory=dict)       # enum -> number -> name
    rpcs: dict = dataclasses.field(default_factory=dict)        # rpc -> {'request', 'response', 'http', 'kind'}
    events: dict = dataclasses.field(default_factory=dict)      # message -> name of the event
    consumers: dict = dataclasses.field(default_factory=dict)   # name -> (publisher, event)
    hosts: dict = dataclasses.field(default_factory=dict)       # (file's package, contract) -> values


def contract_of(data, prefix='renxin.'):
    contract = Contract()
    for file in Message(data).all(1):
        package = file.text(2)
        if f'{package}.'.startswith(prefix):
            _read_file(contract, file, package)
    return contract


def _read_file(contract, file, package):
    for message in file.all(4):
        _read_message(contract, message, f'{package}.')
    for enum in file.all(5):
        _read_enum(contract, enum, f'{package}.')
    for service in file.all(6):
        for method in service.all(2):
            options = method.one(4) or Message(b'')
            access = options.one(ACCESS) or Message(b'')
            contract.rpcs[f'{package}.{service.text(1)}.{method.text(1)}'] = {
                'request': method.text(2), 'response': method.text(3), 'http': _route(options.one(HTTP)),
                'kind': 'internal' if access.texts(3) else 'anonymous' if access.number(2) else 'signed in'}
    options = file.one(8) or Message(b'')
    for consumer in options.all(CONSUMERS):
        contract.consumers[consumer.text(1)] = (consumer.text(2), consumer.text(3))
    for hosted in options.all(HOSTS):
        contract.hosts.setdefault((package, hosted.text(1)), set()).update(hosted.texts(2))


def _route(rule):
    """Verb, path, status and the ways a body travels; the title is documentation."""
    if rule is None:
        return None
    verb = next((number for number in VERBS if number in rule.numbers()), None)
    ways = [part.raw() for number in (7, 8, 9) for part in [rule.one(number)] if part]
    return (VERBS.get(verb), rule.text(verb) if verb else '', rule.number(6) or 200, str(ways))


def _read_message(contract, message, prefix):
    name = prefix + message.text(1)
    oneofs = [oneof.text(1) for oneof in message.all(8)]
    known = contract.fields.setdefault(name, {})
    for field in message.all(2):
        oneof = oneofs[field.number(9)] if 9 in field.numbers() else ''
        rules = (field.one(8) or Message(b'')).one(FIELD_RULES)
        kind = TYPES[field.number(5)] + (f' {field.text(6)}' if field.text(6) else '')
        known[field.number(3)] = (field.text(1), kind, field.number(4), oneof, bool(rules and rules.number(1)))
    event = (message.one(7) or Message(b'')).one(EVENT)
    if event:
        contract.events[name] = event.text(1)
    for nested in message.all(3):
        _read_message(contract, nested, f'{name}.')
    for enum in message.all(4):
        _read_enum(contract, enum, f'{name}.')


def _read_enum(contract, enum, prefix):
    # int32 below zero is ten bytes of varint.
    values = {value.number(2) - (1 << 64) * (value.number(2) >> 63): value.text(1) for value in enum.all(2)}
    contract.enums[prefix + enum.text(1)] = values
