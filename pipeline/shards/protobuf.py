"""tf.train.Example messages of byte strings and integers, written and read without TensorFlow.

The messages (tensorflow/core/example/feature.proto and example.proto):

    Example   { Features features = 1 }
    Features  { map<string, Feature> feature = 1 }       a map entry is { string key = 1; Feature value = 2 }
    Feature   { oneof { BytesList bytes_list = 1; FloatList float_list = 2; Int64List int64_list = 3 } }
    BytesList { repeated bytes value = 1 }    Int64List { repeated int64 value = 1 [packed] }

The wire format is that of protobuf.dev/programming-guides/encoding. Features are written in order of their names, so equal
records are equal bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

Value = bytes | int
_LENGTH = 2  # the wire type of everything used here but the integers themselves, which stand packed


def encode(features: Mapping[str, Value]) -> bytes:
    """An Example with one value per feature. Integers must fit in a signed 64-bit number, else OverflowError."""
    entries = (_field(1, _field(1, name.encode()) + _field(2, _feature(features[name]))) for name in sorted(features))
    return _field(1, b"".join(entries))


def decode(data: bytes) -> dict[str, Value]:
    """The features of an Example that has one value per feature, bytes or integer. Raises ValueError for anything else."""
    features: dict[str, Value] = {}
    for _, message in _fields(data, 1):
        for _, entry in _fields(message, 1):
            parts = list(_fields(entry, 1, 2))
            if [number for number, _ in parts] != [1, 2]:
                raise ValueError("a map entry without its key or value")
            features[parts[0][1].decode()] = _value(parts[1][1])  # a UnicodeDecodeError is a ValueError
    return features


def _feature(value: Value) -> bytes:
    if isinstance(value, bytes):
        return _field(1, _field(1, value))
    if not -(2**63) <= value < 2**63:
        raise OverflowError(f"{value} does not fit in 64 bits")
    return _field(3, _field(1, _varint(value % 2**64)))


def _value(feature: bytes) -> Value:
    (kind, body), *more = list(_fields(feature, 1, 3)) or [(0, b"")]
    if more or not kind:
        raise ValueError("a feature does not hold exactly one list of bytes or integers")
    inner = _only(body, 1)
    if kind == 1:
        return inner
    number, end = _read_varint(inner, 0)
    if end != len(inner):
        raise ValueError("a feature holds more than one integer")
    return number - 2**64 if number >= 2**63 else number


def _only(message: bytes, number: int) -> bytes:
    found = [body for _, body in _fields(message, number)]
    if len(found) != 1:
        raise ValueError(f"{len(found)} values where one belongs")
    return found[0]


def _field(number: int, body: bytes) -> bytes:
    return _varint(number << 3 | _LENGTH) + _varint(len(body)) + body


def _fields(message: bytes, *wanted: int) -> Iterator[tuple[int, bytes]]:
    """The length-delimited fields of a message. Any field that is not wanted here makes the message a foreign one."""
    at = 0
    while at < len(message):
        tag, at = _read_varint(message, at)
        length, at = _read_varint(message, at)
        if tag & 7 != _LENGTH or tag >> 3 not in wanted:
            raise ValueError(f"unexpected field {tag >> 3}")
        if at + length > len(message):
            raise ValueError("the message is cut short")
        yield tag >> 3, message[at : at + length]
        at += length


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    number = 0
    for shift in range(0, 64, 7):
        if at >= len(message):
            raise ValueError("the message is cut short")
        byte = message[at]
        at += 1
        number |= (byte & 127) << shift
        if byte < 128:
            if number >= 2**64:
                break
            return number, at
    raise ValueError("a number is longer than 64 bits")
