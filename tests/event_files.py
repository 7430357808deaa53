"""A reader of event files that shares nothing with the writer."""

import struct
from pathlib import Path

import numpy as np


def crc32c(data):
    """Bit by bit, as the definition says."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def unmasked(masked):
    rotated = (masked - 0xA282EAD8) % 2**32
    return (rotated << 15 | rotated >> 17) % 2**32


def records(content):
    """Yield the records of a file; a wrong checksum is an error."""
    while content:
        (length,) = struct.unpack("<Q", content[:8])
        checks = content[8:12], content[12 + length : 16 + length]
        data = content[12 : 12 + length]
        for part, check in zip((content[:8], data), checks, strict=True):
            assert unmasked(*struct.unpack("<I", check)) == crc32c(part), "wrong checksum"
        yield data
        content = content[16 + length :]


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 127) << shift
        shift += 7
        at += 1
        if data[at - 1] < 128:
            return value, at


def fields(data):
    """Return a message as a dict from the numbers of its fields to lists of raw values."""
    found, at = {}, 0
    while at < len(data):
        key, at = varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = varint(data, at)
        else:
            size = {1: 8, 5: 4}.get(kind)
            if kind == 2:
                size, at = varint(data, at)
            value, at = data[at : at + size], at + size
            assert len(value) == size
            if kind != 2:
                (value,) = struct.unpack("<d" if kind == 1 else "<f", value)
        found.setdefault(key >> 3, []).append(value)
    return found


def files(directory):
    return sorted(Path(directory).glob("*tfevents*"))


def events(directory):
    """Return all events of a directory as messages."""
    return [fields(r) for file in files(directory) for r in records(file.read_bytes())]


def tensor(data):
    message = fields(data)
    shape = [fields(d).get(1, [0])[0] for d in fields(message[2][0]).get(2, [])]
    if message[1] == [7]:
        return np.array(message[8], object).reshape(shape)
    dtype = {1: "<f4", 2: "<f8", 3: "<i4", 9: "<i8", 10: "?"}[message[1][0]]
    return np.frombuffer(message[4][0], dtype).reshape(shape)


def summaries(directory):
    """Return (tag, step, value, plugin) of every summary, in order."""
    found = []
    for event in events(directory):
        for value in fields(event[5][0])[1] if 5 in event else []:
            parts = fields(value)
            plugin = fields(fields(parts[9][0])[1][0])[1][0].decode()
            step = event.get(2, [0])[0]
            found.append((parts[1][0].decode(), step, tensor(parts[8][0]), plugin))
    return found


def scalars(directory):
    """Return {tag: {step: value}}."""
    found = {}
    for tag, step, value, plugin in summaries(directory):
        if plugin == "scalars":
            found.setdefault(tag, {})[step] = float(value)
    return found


def nodes(encoded_graph):
    """Return {name: (op, inputs, device, {attribute: message})} of a GraphDef."""
    found = {}
    for data in fields(encoded_graph)[1]:
        node = fields(data)
        attributes = {fields(e)[1][0].decode(): fields(e)[2][0] for e in node.get(5, [])}
        inputs = [i.decode() for i in node.get(3, [])]
        name = node[1][0].decode()
        assert name not in found, f"two nodes {name}"
        found[name] = node[2][0].decode(), inputs, node[4][0].decode(), attributes
    return found


def graphs(directory):
    return [nodes(event[4][0]) for event in events(directory) if 4 in event]
