# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of an S3 store and of the way to it, by the proxy before the real one."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Callable
from dataclasses import replace

from tests.chaos.fault import Expect, Fault
from tests.chaos.job import Job
from tests.chaos.scene import Ran
from tests.support.fault_proxy import Act, Exchange, Rule
from tests.support.http_messages import Request, Response, response
from tests.support.s3_server import BUCKET

_NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
_PAUSE = 0.01
_WRITES = ("PutObject", "UploadPart", "CompleteMultipartUpload")


def _any(_request: Request) -> bool:
    return True


def _is(*operations: str) -> Callable[[Request], bool]:
    return lambda request: request.operation in operations


def is_payload(request: Request) -> bool:
    """Tell whether it stores a payload of a backup, or the last of it."""
    return request.operation in ("PutObject", "CompleteMultipartUpload") and request.path.endswith(".zst")


def _refusal(status: int, code: str) -> Response:
    text = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>Chaos.</Message></Error>"
    return response(status, text.encode())


def _refusing(status: int, code: str) -> Act:
    async def act(exchange: Exchange) -> None:
        await exchange.body()
        answer = _refusal(status, code)
        await exchange.answer(replace(answer, body=b"") if exchange.request.method == "HEAD" else answer)

    return act


async def _resetting(exchange: Exchange) -> None:
    await exchange.part_of_body(0.5)
    exchange.cut()


async def _losing_the_answer(exchange: Exchange) -> None:
    await exchange.ask_server()
    exchange.cut()


async def _trickling(exchange: Exchange) -> None:
    await exchange.body_slowly(_PAUSE)
    await exchange.answer(await exchange.ask_server(), pause=_PAUSE)


async def _cutting_the_download(exchange: Exchange) -> None:
    await exchange.answer(await exchange.ask_server(), of=0.5)
    exchange.cut()


async def _falsifying(exchange: Exchange) -> None:
    answer = await exchange.ask_server()
    middle = len(answer.body) // 2
    flipped = bytes([answer.body[middle] ^ 1]) if answer.body else b""
    await exchange.answer(replace(answer, body=answer.body[:middle] + flipped + answer.body[middle + 1 :]))


async def _lying(exchange: Exchange) -> None:
    """Answer as the store would, and store nothing."""
    request, content = exchange.request, await exchange.body()
    etag = f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"'
    if request.operation == "CompleteMultipartUpload":
        key = request.path.removeprefix(f"/{BUCKET}/")
        told = f"<Bucket>{BUCKET}</Bucket><Key>{key}</Key><ETag>{etag}</ETag>"
        text = f"<CompleteMultipartUploadResult {_NAMESPACE}>{told}</CompleteMultipartUploadResult>"
        await exchange.answer(response(200, text.encode()))
    else:
        checksum = request.header("x-amz-checksum-sha256")
        await exchange.answer(response(200, ETag=etag, x_amz_checksum_sha256=checksum))


async def _truncating(exchange: Exchange) -> None:
    """Have the store take the object, and then lose the end of it."""
    answer = await exchange.ask_server()
    if answer.status == 200:
        await asyncio.to_thread(_truncate, exchange)
    await exchange.answer(answer)


def _truncate(exchange: Exchange) -> None:
    client, key = exchange.server.client(), exchange.request.path.removeprefix(f"/{BUCKET}/")
    content = client.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    client.put_object(Bucket=BUCKET, Key=key, Body=content[: len(content) * 3 // 4])


class StoreFault(Fault):
    """A fault by one rule of the proxy."""

    def __init__(
        self,
        name: str,
        act: Act,
        *,
        times: int | None,
        expects: Expect = Expect.EITHER,
        about: Callable[[Request], bool] = _any,
        at_first: bool = False,
        of: Callable[[type[Job]], bool] = lambda _job: True,
        falsifies_reading: bool = False,
    ) -> None:
        """Strike so many requests ``about`` something (None: all from then on), from a random one of them on.

        :param at_first: from the first one on.
        :param of: which modules make such requests.
        """
        self.name, self.expects, self.falsifies_reading = name, expects, falsifies_reading  # type: ignore[misc]
        self._act, self._times, self._about, self._at_first, self._of = act, times, about, at_first, of

    def left_out(self, job: type[Job], repository: str) -> str | None:
        if repository != "s3":
            return "a folder is no store behind a network"
        return None if self._of(job) else "it makes no such request"

    def strike(self, job: Job, rng: random.Random) -> list[Ran]:
        proxy = job.scene.proxy
        assert proxy is not None
        most = 1 if self._at_first else self._choices(job)
        while True:
            first = rng.randint(1, most)
            rule = Rule(self._act, self._about, first, self._times)
            proxy.inflict(rule)
            try:
                ran = job.start_and_wait()
            finally:
                proxy.heal()
            if rule.struck:
                return [ran]
            if most == 1:
                return [replace(ran, problem="the fault never struck: there was no such request")]
            # A run makes a few requests less than the one that was counted, which had more to clear away.
            most = max(1, first // 2)
            job.reset()

    def _choices(self, job: Job) -> int:
        """Return from how many of the requests of an undisturbed run the first may be chosen."""
        return max(1, job.count(self._about) - 1)


def _writes(job: type[Job]) -> bool:
    return "restore" not in job.module


def _stores_payloads(job: type[Job]) -> bool:
    return job.module in ("n8n_volume_backup", "pg_dump", "config_backup", "backup_copy", "log_archive")


def _reads_payloads(job: type[Job]) -> bool:
    return job.module != "backup_prune"  # what stores them reads them back


def is_read_of_payload(request: Request) -> bool:
    """Tell whether it reads a payload."""
    return request.operation == "GetObject" and request.path.endswith(".zst")


gone = StoreFault("repository removed", _refusing(404, "NoSuchBucket"), times=None, expects=Expect.FAILURE)

STORE_FAULTS = (
    StoreFault("500, passing", _refusing(500, "InternalError"), times=2, expects=Expect.SUCCESS),
    StoreFault("500 for good", _refusing(500, "InternalError"), times=None),
    StoreFault("503, passing", _refusing(503, "SlowDown"), times=2, expects=Expect.SUCCESS),
    StoreFault("503 for good", _refusing(503, "ServiceUnavailable"), times=None),
    StoreFault("slow", _trickling, times=None, expects=Expect.SUCCESS, at_first=True),
    StoreFault("reset midway, passing", _resetting, times=2, expects=Expect.SUCCESS),
    StoreFault("reset midway for good", _resetting, times=None),
    StoreFault("answer lost", _losing_the_answer, times=1, expects=Expect.SUCCESS),
    StoreFault(
        "download cut",
        _cutting_the_download,
        times=2,
        expects=Expect.SUCCESS,
        about=is_read_of_payload,
        at_first=True,
        of=_reads_payloads,
    ),
    StoreFault(
        "download falsified",
        _falsifying,
        times=None,
        expects=Expect.FAILURE,
        about=is_read_of_payload,
        at_first=True,
        of=_reads_payloads,
        falsifies_reading=True,
    ),
    StoreFault(
        "stores truncated",
        _truncating,
        times=None,
        expects=Expect.FAILURE,
        about=is_payload,
        at_first=True,
        of=_stores_payloads,
    ),
    StoreFault("lies about storing", _lying, times=1, about=_is(*_WRITES), of=_writes),
)


class Revoked(Fault):
    """The access key is deleted while the work goes on."""

    name = "credentials revoked"

    def left_out(self, job: type[Job], repository: str) -> str | None:  # noqa: ARG002
        return None if repository == "s3" else "a folder takes no credentials"

    def strike(self, job: Job, rng: random.Random) -> list[Ran]:
        first = rng.randint(1, max(1, len(job.seen) * 2 // 3))
        while True:
            ran, revoked = self._run(job, first, f"{job.scene.database}-{rng.randrange(1 << 32):08x}")
            if revoked:
                return [ran]
            if first == 1:
                return [replace(ran, problem="the key was never revoked")]
            # A run makes a few requests less than the one that was counted, which had more to clear away.
            first = max(1, first // 2)
            job.reset()

    def _run(self, job: Job, first: int, user: str) -> tuple[Ran, bool]:
        """Let it run with a key of ``user``, which is deleted at the request of that number; tell whether it came to that."""
        proxy, scene = job.scene.proxy, job.scene
        assert proxy is not None
        iam = scene.servers.s3.client("iam")
        iam.create_user(UserName=user)
        key = iam.create_access_key(UserName=user)["AccessKey"]
        policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::*"}]}'
        iam.put_user_policy(UserName=user, PolicyName="all", PolicyDocument=policy)
        revoked: list[object] = []

        async def act(exchange: Exchange) -> None:
            if not revoked:
                revoked.append(
                    await asyncio.to_thread(iam.delete_access_key, UserName=user, AccessKeyId=key["AccessKeyId"])
                )
            await exchange.answer(await exchange.ask_server())

        proxy.inflict(Rule(act, _any, first, None))
        try:
            credentials = {"access_key": key["AccessKeyId"], "secret_key": key["SecretAccessKey"]}
            params = job.params()
            ran = scene.run(job.module, {**params, "repository": {**params["repository"], **credentials}})
        finally:
            proxy.heal()
            if not revoked:
                iam.delete_access_key(UserName=user, AccessKeyId=key["AccessKeyId"])
            iam.delete_user(UserName=user)
        return ran, bool(revoked)
