"""Small real models in ONNX, written by hand: they find bright squares, each colour a class, at exact places.

The network is a convolution that takes the mean of each field of 8 x 8 points in one colour, less what is not bright,
through a sigmoid; the boxes are squares of `reach` around the fields. It is a protocol-buffers message (onnx.proto3).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

SIDE, FIELD = 64, 8
FLOAT, INT64 = 1, 7

Floats = npt.NDArray[np.float32]


def varint(value: int) -> bytes:
    """A number in the wire format."""
    found = bytearray()
    while True:
        value, byte = value >> 7, value & 0x7F
        found.append(byte | (0x80 if value else 0))
        if not value:
            return bytes(found)


def field(number: int, value: int | bytes | str) -> bytes:
    """One field of a message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def tensor(name: str, values: npt.NDArray[np.float32] | npt.NDArray[np.int64]) -> bytes:
    """A TensorProto with raw data."""
    kind = FLOAT if values.dtype == np.float32 else INT64
    dims = b"".join(field(1, side) for side in values.shape)
    return dims + field(2, kind) + field(8, name) + field(9, values.tobytes())


def ints(name: str, values: Sequence[int]) -> bytes:
    """An attribute of integers."""
    return field(1, name) + b"".join(field(8, value) for value in values) + field(20, 7)


def integer(name: str, value: int) -> bytes:
    """An attribute of one integer."""
    return field(1, name) + field(3, value) + field(20, 2)


def node(kind: str, inputs: Sequence[str], output: str, *attributes: bytes) -> bytes:
    """A NodeProto."""
    named = b"".join(field(1, one) for one in inputs) + field(2, output) + field(3, output) + field(4, kind)
    return named + b"".join(field(5, one) for one in attributes)


def value_info(name: str, shape: Sequence[int]) -> bytes:
    """A ValueInfoProto of a float tensor; a side of 0 is not fixed."""
    sides = b"".join(field(1, field(1, side) if side else field(2, "n")) for side in shape)
    return field(1, name) + field(2, field(1, field(1, FLOAT) + field(2, sides)))


def places(reach: float = 16.0) -> Floats:
    """x, y of the middle, width, height of each field's box, shape (4, fields)."""
    count = SIDE // FIELD
    middles = (np.arange(count) + 0.5) * FIELD
    xs, ys = np.meshgrid(middles, middles)
    sides = np.full(count * count, reach)
    return np.stack((xs.ravel(), ys.ravel(), sides, sides)).astype(np.float32)


def weights(classes: int) -> tuple[Floats, Floats]:
    """Kernels and biases: class n is bright in channel n (red, green, blue) and dark in the others."""
    kernel = np.full((classes, 3, FIELD, FIELD), -20.0 / FIELD**2, np.float32)
    for number in range(classes):
        kernel[number, number] = 20.0 / FIELD**2
    return kernel, np.full(classes, -14.0, np.float32)


def model(
    names: Sequence[str] | None = ("person", "motorcycle"),
    *,
    v5: bool = False,
    side: int = SIDE,
    classes: int = 2,
    reach: float = 16.0,
) -> bytes:
    """A model of squares in the layout (1, 4 + C, N), or in that of v5, (1, N, 5 + C)."""
    kernel, bias = weights(classes)
    fields, boxes = (SIDE // FIELD) ** 2, places(reach)
    sure = np.ones((1, 1, fields), np.float32)
    parts = ["boxes", *(["sure"] if v5 else []), "flat"]
    nodes = [
        node("Conv", ("images", "kernel", "bias"), "means", ints("kernel_shape", (8, 8)), ints("strides", (8, 8))),
        node("Sigmoid", ("means",), "scores"),
        node("Reshape", ("scores", "shape"), "flat"),
        node("Concat", parts, "joined" if v5 else "output0", integer("axis", 1)),
    ]
    if v5:
        nodes.append(node("Transpose", ("joined",), "output0", ints("perm", (0, 2, 1))))
    initial = [
        tensor("kernel", kernel),
        tensor("bias", bias),
        tensor("shape", np.array([1, classes, fields], np.int64)),
        tensor("boxes", boxes[None]),
        *([tensor("sure", sure)] if v5 else []),
    ]
    shape = (1, fields, 5 + classes) if v5 else (1, 4 + classes, fields)
    graph = (
        b"".join(field(1, one) for one in nodes)
        + field(2, "squares")
        + b"".join(field(5, one) for one in initial)
        + field(11, value_info("images", (1, 3, side, side)))
        + field(12, value_info("output0", shape))
    )
    told = {"names": repr(dict(enumerate(names)))} if names else {}
    metadata = b"".join(field(14, field(1, key) + field(2, text)) for key, text in told.items())
    return field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 13)) + metadata


def picture(*squares: tuple[int, int, int], width: int = SIDE, height: int = SIDE) -> npt.NDArray[np.uint8]:
    """A dark picture in blue, green, red with squares of 16 points around x, y (points), bright in a channel of RGB."""
    found = np.full((height, width, 3), 10, np.uint8)
    for x, y, channel in squares:
        found[max(0, y - 8) : y + 8, max(0, x - 8) : x + 8, 2 - channel] = 250
    return found
