"""A stream of bytes to MQTT 5 packets, by the codec `mqtt5`: whole packets out, whatever the pieces that come in."""

import mqtt5

_HEADER = 5
"""Bytes in which the length of a packet is told at the latest (MQTT 5.0, 2.1.4)."""


class GarbledError(Exception):
    """The bytes are no MQTT 5; the connection that brought them is of no more use."""


class Parser:
    """Feed it what arrives. It holds at most one unfinished packet."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._wanted = 0
        self.trouble: GarbledError | None = None

    def feed(self, data: bytes) -> list[mqtt5.Packet]:
        """The packets that are whole now, in order; none after the first that is garbled (see `trouble`)."""
        if self.trouble is not None:
            return []
        if self._rest:
            self._rest += data
            if len(self._rest) < self._wanted:
                return []
            data = bytes(self._rest)
        packets: list[mqtt5.Packet] = []
        add, read, view, at, end = packets.append, mqtt5.read, memoryview(data), 0, len(data)
        try:
            while at < end:
                packet, size = read(view[at:])
                add(packet)
                at += size
        except IndexError:
            self._unfinished(data[at : at + _HEADER], end - at)
        except ValueError as error:
            self.trouble = GarbledError(str(error))
        except BaseException as error:
            if type(error).__name__ != "PanicException":  # the codec's answer to a text that is not UTF-8
                raise
            self.trouble = GarbledError("a text is not UTF-8")
        self._rest = bytearray(data[at:]) if at < end and self.trouble is None else bytearray()
        return packets

    def _unfinished(self, header: bytes, there: int) -> None:
        """How many bytes the packet has in all; one that is there and yet too short inside is garbled."""
        length = 0
        for place, byte in enumerate(header[1:]):
            length |= (byte & 0x7F) << (7 * place)
            if not byte & 0x80:
                self._wanted = 2 + place + length
                if there >= self._wanted:
                    self.trouble = GarbledError("a packet ends too early")
                return
        self._wanted = len(header) + 1
