"""A light HTTP client in a closed loop: N connections that are kept, each with one request under way at a time.

One thread and raw sockets, so that the client takes a few hundredths of what the server takes.
"""

from __future__ import annotations

import json
import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Answers:
    """What came back: how long all of it took, and of each answer its status, seconds and body."""

    seconds: float = 0.0
    statuses: list[int] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.statuses) / self.seconds

    @property
    def counts(self) -> Counter[int]:
        """How many answers of each status."""
        return Counter(self.statuses)

    def waits_of(self, *statuses: int) -> list[float]:
        """The seconds that answers of these statuses took, sorted."""
        return sorted(wait for wait, status in zip(self.waits, self.statuses, strict=True) if status in statuses)

    def expect(self, *statuses: int) -> Answers:
        """The same; RuntimeError when there is an answer of another status."""
        for status, body in zip(self.statuses, self.bodies, strict=True):
            if status not in statuses:
                raise RuntimeError(f"answered {status}: {body[:500].decode(errors='replace')}")
        return self


def request(method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> bytes:
    """One HTTP request as it goes over the wire."""
    sent = b"" if body is None else json.dumps(body, ensure_ascii=False).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1"]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(sent)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + sent


class Connections:
    """`count` open connections to a server on this machine."""

    def __init__(self, port: int, count: int) -> None:
        self._sockets = []
        for _ in range(count):
            each = socket.create_connection(("127.0.0.1", port), timeout=60)
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets.append(each)

    def __enter__(self) -> Connections:
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._sockets:
            each.close()

    def run(self, requests: Iterable[bytes], seconds: float = 3600.0) -> Answers:
        """Send until there are no more requests or the time is over, and wait for every answer."""
        told = Answers()
        left = iter(requests)
        buffers: dict[socket.socket, bytes] = {}
        sent_at: dict[socket.socket, float] = {}
        clock = time.perf_counter
        started = clock()
        with selectors.DefaultSelector() as selector:
            for each in self._sockets:
                if (first := next(left, None)) is None:
                    break
                selector.register(each, selectors.EVENT_READ)
                buffers[each] = b""
                sent_at[each] = clock()
                each.sendall(first)
            while sent_at:
                events = selector.select(60)
                if not events:
                    raise TimeoutError("the server does not answer")
                for key, _mask in events:
                    each = key.fileobj  # type: ignore[assignment]
                    received = each.recv(1 << 18)
                    if not received:
                        raise ConnectionError("the server closed a connection")
                    buffer = buffers[each] + received
                    body = _body(buffer)
                    if body is None:
                        buffers[each] = buffer
                        continue
                    at = clock()
                    told.statuses.append(int(buffer[9:12]))
                    told.waits.append(at - sent_at.pop(each))
                    told.bodies.append(body)
                    buffers[each] = b""
                    following = next(left, None) if at - started < seconds else None
                    if following is None:
                        selector.unregister(each)
                    else:
                        sent_at[each] = clock()
                        each.sendall(following)
        told.seconds = clock() - started
        return told


def _body(buffer: bytes) -> bytes | None:
    """The body of a whole answer; None while some of it is missing."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = buffer[:end].lower()
    at = head.find(b"content-length:")
    if at < 0:
        if b"transfer-encoding: chunked" not in head:
            return b""
        return buffer[end + 4 :] if buffer.endswith(b"0\r\n\r\n") else None
    line_end = head.find(b"\r\n", at)
    length = int(head[at + 15 : line_end if line_end >= 0 else len(head)])
    body = buffer[end + 4 :]
    return body if len(body) >= length else None


def percentile(waits: list[float], part: float) -> float:
    """The value below which this part of the sorted values lies."""
    return waits[min(int(len(waits) * part), len(waits) - 1)]
