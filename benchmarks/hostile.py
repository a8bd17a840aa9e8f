"""A client that means harm to a scoring service: what it sends."""

import contextlib
import gzip
import itertools
import json
import socket
import time
from collections.abc import Callable

import httpx

JSON = {"Content-Type": "application/json"}
HEAD = b"POST /score HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


def many(text: str, number: int) -> str:
    """`text`, `number` times."""
    return ",".join([text] * number)


BODIES = {
    "nan": "NaN",
    "nan in the list": '{"smiles": [NaN, "MARK"]}',
    "infinity": '{"smiles": [-Infinity]}',
    "lone surrogate": '{"smiles": ["\\ud800MARK"]}',
    "lone surrogate as key": '{"\\udfffMARK": ["CCO"]}',
    "many keys": "{" + ",".join(f'"MARK{i}":1' for i in range(120_000)) + "}",
    "many escaped keys": "{" + ",".join(f'"\\\\{i}":1' for i in range(120_000)) + "}",
    "few keys": '{"smiles": ["C"], "MARK": 1}',
    "a key twice": '{"smiles": ["C"], "smiles": ["MARK"]}',
    "many numbers": f'{{"smiles": [{many("1", 900_000)}]}}',
    "fifty numbers": f'{{"smiles": [{many("1", 50)}]}}',
    "many objects": f'{{"smiles": [{many("{}", 600_000)}]}}',
    "objects": f'{{"smiles": [{many("{}", 20)}]}}',
    "an object": '{"smiles": {}}',
    "deep": "[" * 1_900_000,
    "rather deep": "[" * 1_000 + "]" * 1_000,
    "deep objects": '{"smiles":' * 100 + "[]" + "}" * 100,
    "huge number": f'{{"smiles": [{"9" * 1_000}]}}',
    "huger number": f'{{"smiles": [{"9" * 1_900_000}]}}',
    "huge exponent": '{"smiles": [1e999999999]}',
    "long": json.dumps({"smiles": ["MARK" * 400_000]}),
    "all long": json.dumps({"smiles": ["MARK" * 100] * 50}),
    "too many": json.dumps({"smiles": ["MARK"] * 51}),
    "cut": '{"smiles": ["MARK',
    "null": "null",
    "nothing": "",
    "byte order mark": '\ufeff{"smiles": []}',
    "utf-16": '{"smiles": ["MARK"]}'.encode("utf-16"),
    "latin-1": '{"smiles": ["MARK\u00e9"]}'.encode("latin-1"),
    "gzip": gzip.compress(b'{"smiles": ["MARK"]}'),
    "zeros": b"\0" * 100_000,
}

SLOW = {
    "nothing": b"",
    "half a head": HEAD,
    "half a body": HEAD + b"Content-Length: 1000\r\n\r\n{",
    "a chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
    "a second request": HEAD + b"Content-Length: 17\r\n\r\n" + b'{"smiles": ["C"]}' + HEAD,
}


def ask(url: str, sent: bytes) -> socket.socket:
    """A connection on which `sent` went."""
    host, _, port = url.removeprefix("http://").partition(":")
    connection = socket.create_connection((host, int(port)), timeout=20)
    connection.sendall(sent)
    return connection


def question(smiles: list[str]) -> bytes:
    """A request that is right."""
    body = json.dumps({"smiles": smiles}).encode()
    return HEAD + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


def attack(url: str, seconds: float) -> dict[str, int]:
    """Do one thing after another for `seconds`; how often each status was answered."""
    end, seen = time.monotonic() + seconds, dict[str, int]()
    held: list[socket.socket] = []
    large = [f"{'c1ccc2ccccc2c1' * 20}{'C' * i}" for i in range(500)]

    def refused(content: bytes | str) -> None:
        with contextlib.suppress(httpx.TransportError):  # refused before it was sent
            status = httpx.post(
                f"{url}/score", content=content, headers={"Content-Type": "application/json"}, timeout=60
            ).status_code
            seen[str(status)] = seen.get(str(status), 0) + 1

    def goes() -> None:
        ask(url, question(large)).close()

    def dawdles() -> None:
        held.extend(ask(url, sent) for sent in SLOW.values())
        while len(held) > 300:
            held.pop(0).close()

    def hundred_megabytes() -> None:
        with contextlib.suppress(OSError), ask(url, HEAD + b"Transfer-Encoding: chunked\r\n\r\n") as connection:
            for _ in range(1600):
                connection.sendall(b"10000\r\n" + b" " * 0x10000 + b"\r\n")

    def crumbs() -> None:
        with contextlib.suppress(OSError), ask(url, HEAD + b"Transfer-Encoding: chunked\r\n\r\n") as connection:
            connection.sendall(b"1\r\n \r\n" * 100_000)

    acts: list[Callable[[], None]] = [goes, dawdles, hundred_megabytes, crumbs, lambda: refused(b" " * 100_000_000)]
    acts += [lambda body=body: refused(body) for body in BODIES.values()]
    for act in itertools.cycle(acts):
        if time.monotonic() > end:
            break
        act()
    return seen
