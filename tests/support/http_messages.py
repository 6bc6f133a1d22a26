# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests and answers of HTTP/1.1 as bytes: as much of them as an S3 client and its server use."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qs, unquote, urlsplit

_NO_BODY = (204, 304)


@dataclass(frozen=True)
class Request:
    """The head of a request."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...]

    @property
    def path(self) -> str:
        """What it is about: ``/bucket/key``."""
        return unquote(urlsplit(self.target).path)

    @property
    def operation(self) -> str:
        """What S3 calls it."""
        query = parse_qs(urlsplit(self.target).query, keep_blank_values=True)
        is_object = self.path.strip("/").count("/") > 0
        if "uploads" in query:
            return "CreateMultipartUpload" if self.method == "POST" else "ListMultipartUploads"
        if "uploadId" in query:
            names = {"PUT": "UploadPart", "POST": "CompleteMultipartUpload", "DELETE": "AbortMultipartUpload"}
            return names[self.method]
        if not is_object:
            return "ListObjects"
        return {"PUT": "PutObject", "GET": "GetObject", "HEAD": "HeadObject", "DELETE": "DeleteObject"}[self.method]

    @property
    def length(self) -> int:
        """How many bytes follow the head."""
        return int(self.header("content-length") or 0)

    @property
    def expects_continue(self) -> bool:
        """Whether the client waits for a word before it sends its body."""
        return self.header("expect").lower() == "100-continue"

    def header(self, name: str) -> str:
        """Return the value of a header, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    def to_bytes(self) -> bytes:
        """Return the head for a connection that serves this request alone."""
        left_out = ("expect", "connection")
        lines = [f"{key}: {value}" for key, value in self.headers if key.lower() not in left_out]
        return _head(f"{self.method} {self.target} HTTP/1.1", [*lines, "Connection: close"])


@dataclass(frozen=True)
class Response:
    """An answer; its ``head`` tells the length that its body should have."""

    head: bytes
    body: bytes

    @property
    def status(self) -> int:
        """Its status."""
        return int(self.head.split(b" ", 2)[1])


@dataclass(frozen=True)
class ResponseHead:
    """The head of an answer, whose body is still to be read."""

    status_line: str
    headers: tuple[tuple[str, str], ...]

    async def complete(self, reader: asyncio.StreamReader, *, without_body: bool) -> Response:
        """Read the body, and return the answer with its length told."""
        status = int(self.status_line.split(" ", 2)[1])
        told = {key.lower(): value for key, value in self.headers}
        left_out = ("transfer-encoding", "connection", *(() if without_body else ("content-length",)))
        lines = [f"{key}: {value}" for key, value in self.headers if key.lower() not in left_out]
        if without_body or status in _NO_BODY:
            return Response(_head(self.status_line, lines), b"")
        if told.get("transfer-encoding", "").lower() == "chunked":
            body = await _read_chunks(reader)
        else:
            body = await reader.readexactly(int(told.get("content-length", 0)))
        return Response(_head(self.status_line, [*lines, f"Content-Length: {len(body)}"]), body)


def response(status: int, body: bytes = b"", **headers: str) -> Response:
    """Return an answer; an underscore in a header's name stands for a hyphen."""
    lines = [f"{key.replace('_', '-')}: {value}" for key, value in headers.items()]
    lines += ["Content-Type: application/xml", f"Content-Length: {len(body)}"]
    return Response(_head(f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", lines), body)


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """Return the next request's head; None if the client has no more."""
    first, headers = await _read_head(reader)
    if not first:
        return None
    method, target, _version = first.split(" ")
    return Request(method, target, headers)


async def read_response_head(reader: asyncio.StreamReader) -> ResponseHead:
    """Return the head of an answer."""
    return ResponseHead(*await _read_head(reader))


async def _read_head(reader: asyncio.StreamReader) -> tuple[str, tuple[tuple[str, str], ...]]:
    first = (await reader.readline()).decode("latin-1").rstrip("\r\n")
    headers = []
    while line := (await reader.readline()).decode("latin-1").rstrip("\r\n"):
        key, _colon, value = line.partition(":")
        headers.append((key, value.strip()))
    return first, tuple(headers)


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    body = bytearray()
    while size := int((await reader.readline()).split(b";")[0], 16):
        body += await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
    return bytes(body)


def _head(first: str, lines: list[str]) -> bytes:
    return "\r\n".join([first, *lines, "", ""]).encode("latin-1")
