# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A proxy of one's own in front of an S3 server that lets requests through, or fails them as bad stores and networks do.

It takes TLS with the server's own certificate, so that who trusts the one trusts the other. Signatures hold, since
requests are handed on as they came.
"""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from tests.support.http_messages import Request, Response, read_request, read_response_head
from tests.support.running import Running
from tests.support.s3_server import HOST, S3Server

_PIECE = 1 << 16
_PATIENCE = 30.0


class Exchange:
    """One request, and the two connections between which it goes on."""

    def __init__(
        self, request: Request, client: tuple[asyncio.StreamReader, asyncio.StreamWriter], server: S3Server
    ) -> None:
        self.request, self.server = request, server
        self._from_client, self._to_client = client
        self._body: bytes | None = None

    async def body(self) -> bytes:
        """Return what the client sends with the request."""
        if self._body is None:
            await self._let_it_send()
            self._body = await self._from_client.readexactly(self.request.length)
        return self._body

    async def body_slowly(self, pause: float) -> None:
        """Take the body in small pieces with a pause after each."""
        await self._let_it_send()
        taken = bytearray()
        while len(taken) < self.request.length:
            taken += await self._from_client.readexactly(min(_PIECE, self.request.length - len(taken)))
            await asyncio.sleep(pause)
        self._body = bytes(taken)

    async def part_of_body(self, fraction: float) -> None:
        """Take a part of the body, and lose it."""
        await self._let_it_send()
        await self._from_client.readexactly(int(self.request.length * fraction))

    async def ask_server(self) -> Response:
        """Hand the request on, and return the server's answer."""
        content = await self.body()
        context = ssl.create_default_context(cafile=self.server.ca_bundle)
        reader, writer = await asyncio.open_connection(HOST, self.server.port, ssl=context)
        try:
            writer.write(self.request.to_bytes() + content)
            await writer.drain()
            head = await read_response_head(reader)
            return await head.complete(reader, without_body=self.request.method == "HEAD")
        finally:
            writer.close()

    async def answer(self, response: Response, *, of: float = 1.0, pause: float = 0.0) -> None:
        """Send ``response`` to the client, or the first part of its body."""
        self._to_client.write(response.head)
        content = response.body[: int(len(response.body) * of)]
        for start in range(0, len(content), _PIECE):
            self._to_client.write(content[start : start + _PIECE])
            await self._to_client.drain()
            if pause:
                await asyncio.sleep(pause)
        await self._to_client.drain()

    def cut(self) -> None:
        """Reset the connection to the client."""
        self._to_client.transport.abort()

    async def _let_it_send(self) -> None:
        if self.request.expects_continue:
            self._to_client.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            await self._to_client.drain()


Act = Callable[[Exchange], Awaitable[None]]


@dataclass
class Rule:
    """Which requests are struck: of those that it is ``about``, from number ``first`` on, so many (None: all)."""

    act: Act
    about: Callable[[Request], bool]
    first: int = 1
    times: int | None = None
    seen: int = field(default=0, init=False)
    struck: int = field(default=0, init=False)

    def strikes(self, request: Request) -> bool:
        """Count ``request``, and tell whether it is to be struck."""
        if not self.about(request):
            return False
        self.seen += 1
        if self.seen < self.first or (self.times is not None and self.struck >= self.times):
            return False
        self.struck += 1
        return True


class FaultProxy(Running):
    """The proxy in front of ``server``; use it as a context manager."""

    def __init__(self, server: S3Server) -> None:
        self._server = server
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._rule: Rule | None = None
        self.port = 0
        self.seen: list[Request] = []

    @property
    def url(self) -> str:
        """Its address."""
        return f"https://{HOST}:{self.port}"

    def inflict(self, rule: Rule) -> None:
        """Strike by ``rule`` from now on."""
        self._rule = rule

    def heal(self) -> None:
        """Let everything through from now on, and forget what was seen."""
        self._rule = None
        self.seen = []

    def start(self) -> None:
        """Start it on a free port."""
        self._thread.start()
        self._listener = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(_PATIENCE)
        self.port = self._listener.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Stop it; connections that are open are cut."""
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(_PATIENCE)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(_PATIENCE)
        self._loop.close()

    async def _listen(self) -> asyncio.Server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self._server.certificate)
        return await asyncio.start_server(self._serve, HOST, 0, ssl=context)

    async def _end(self) -> None:
        self._listener.close()
        others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await read_request(reader)) is not None:
                await self._handle(Exchange(request, (reader, writer), self._server))
                if writer.is_closing():
                    return
        except (OSError, EOFError):
            return  # the client left, or was killed
        finally:
            writer.close()

    async def _handle(self, exchange: Exchange) -> None:
        self.seen.append(exchange.request)
        rule = self._rule
        if rule is not None and rule.strikes(exchange.request):
            await rule.act(exchange)
        else:
            await exchange.answer(await exchange.ask_server())
