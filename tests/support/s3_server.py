# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""S3 servers of one's own on 127.0.0.1, over TLS: SeaweedFS, which does what S3 does, and rclone, which lacks much."""

from __future__ import annotations

import contextlib
import json
import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.support.certificates import Authority
from tests.support.running import Running

HOST = "127.0.0.1"
BUCKET = "backups"
#: SeaweedFS's words for the rights of its identities.
RIGHTS = {"admin": ["Admin", "Read", "Write", "List", "Tagging"], "restore": ["Read", "List"]}
_PATIENCE = 60.0
_STOP_PATIENCE = 5.0


class S3ServerError(Exception):
    """The server did not start; the message ends with what it said."""


class S3Server(Running):
    """A server with a certificate of its own authority; use it as a context manager.

    Its folder is removed in the end. It ends with this process, whichever way that ends.
    """

    def __init__(self) -> None:
        self.secret_key = secrets.token_urlsafe(24)
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = Path(tempfile.mkdtemp(prefix="chatbot-ops-s3-"))
        self.port = 0

    @property
    def data(self) -> Path:
        """The folder that holds what is stored."""
        return self._folder / "data"

    @property
    def ca_bundle(self) -> str:
        """The certificate of its authority."""
        return str(self._folder / "ca.crt")

    @property
    def certificate(self) -> tuple[str, str]:
        """Its certificate and the key of that."""
        return str(self._folder / "s3.crt"), str(self._folder / "s3.key")

    @property
    def url(self) -> str:
        """Its address."""
        return f"https://{HOST}:{self.port}"

    def repository(self, prefix: str, **more: Any) -> dict[str, Any]:
        """Return the parameter ``repository`` of a module for what is below ``prefix``."""
        return {
            "type": "s3",
            "bucket": BUCKET,
            "prefix": prefix,
            "endpoint_url": self.url,
            "ca_bundle": self.ca_bundle,
            "access_key": "ADMIN",
            "secret_key": self.secret_key,
            **more,
        }

    def client(self, service: str = "s3", access_key: str = "ADMIN") -> Any:
        """Return a client of boto3's, to look at what is there by another way than the code under test."""
        return boto3.client(
            service,  # type: ignore[call-overload,unused-ignore]
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id=access_key,
            aws_secret_access_key=self.secret_key,
            verify=self.ca_bundle,
            config=Config(
                s3={"addressing_style": "path"},
                retries={"total_max_attempts": 2},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
            ),
        )

    def start(self) -> None:
        """Start it, on other ports than before if those are taken, and return when it stores and gives back.

        :raises S3ServerError: if it does not.
        """
        if not self.data.exists():
            Authority(self._folder).issue("s3", ["localhost"])
            self.data.mkdir()
            self._prepare()
        for _attempt in range(3):
            command = self._command()
            with self._log.open("ab") as log:
                self._process = subprocess.Popen(
                    ["setpriv", "--pdeathsig", "KILL", *command],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=self._folder,
                    env={"PATH": os.environ["PATH"], "HOME": str(self._folder), **self._environment()},
                )
            if self._becomes_ready(self._process):
                return
            self.stop()
        raise S3ServerError(f"{type(self).__name__} did not start:\n{self._log.read_text()[-2000:]}")

    def stop(self) -> None:
        """Stop it; its data stay."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(_STOP_PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None

    def close(self) -> None:
        """Stop it and remove its folder."""
        self.stop()
        shutil.rmtree(self._folder)

    @property
    def _log(self) -> Path:
        return self._folder / "server.log"

    def _becomes_ready(self, process: subprocess.Popen[bytes]) -> bool:
        deadline = time.monotonic() + _PATIENCE
        client = self.client()
        while process.poll() is None and time.monotonic() < deadline:
            with contextlib.suppress(BotoCoreError, ClientError):
                if not client.list_buckets()["Buckets"]:
                    client.create_bucket(Bucket=BUCKET)
                client.put_object(Bucket=BUCKET, Key=".ready", Body=b"ready")
                if client.get_object(Bucket=BUCKET, Key=".ready")["Body"].read() == b"ready":
                    client.delete_object(Bucket=BUCKET, Key=".ready")
                    return True
            time.sleep(0.1)
        return False

    def _prepare(self) -> None:
        """Write what it needs beside its certificate."""
        return

    def _environment(self) -> dict[str, str]:
        """Return what it is told by its environment."""
        return {}

    @abstractmethod
    def _command(self) -> Sequence[str]:
        """Return the command line that serves on free ports, and remember the port."""


class SeaweedServer(S3Server):
    """SeaweedFS: signatures, rights, versions, Object Lock, conditions and checksums, all in earnest."""

    def _prepare(self) -> None:
        identities = [
            {
                "name": name,
                "credentials": [{"accessKey": name.upper(), "secretKey": self.secret_key}],
                "actions": actions,
            }
            for name, actions in RIGHTS.items()
        ]
        path = self._folder / "identities.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps({"identities": identities}), encoding="utf-8")

    def _environment(self) -> dict[str, str]:
        return {"GOMEMLIMIT": "400MiB"}

    def _command(self) -> Sequence[str]:
        self.port, master, volume, filer, admin = free_ports(5)
        return [
            str(Path(sys.executable).with_name("weed")),
            "mini",
            f"-dir={self.data}",
            f"-ip={HOST}",
            f"-ip.bind={HOST}",
            f"-s3.port={self.port}",
            f"-master.port={master}",
            f"-volume.port={volume}",
            f"-filer.port={filer}",
            f"-admin.port={admin}",
            f"-s3.config={self._folder / 'identities.json'}",
            f"-s3.cert.file={self._folder / 's3.crt'}",
            f"-s3.key.file={self._folder / 's3.key'}",
            # Its defaults would make a missing bucket at the first write, delete a full one, and report to its makers.
            "-s3.autoCreateBucket=false",
            "-s3.allowDeleteBucketNotEmpty=false",
            "-s3.iam.readOnly=false",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            "-master.telemetry=false",
            "-master.volumeSizeLimitMB=128",
            "-webdav=false",
            "-admin.ui=false",
            f"-bucket={BUCKET}",
        ]


class RcloneServer(S3Server):
    """rclone: ignores conditions and Object Lock, takes wrong checksums, and refuses checksums that follow the content."""

    def _prepare(self) -> None:
        (self.data / BUCKET).mkdir()

    def _environment(self) -> dict[str, str]:
        # Not by an argument: those are for all to read. In quotes: it reads the variable as a list of such pairs.
        return {"RCLONE_AUTH_KEY": f'"ADMIN,{self.secret_key}"'}

    def _command(self) -> Sequence[str]:
        (self.port,) = free_ports(1)
        return [
            str(Path(sys.executable).with_name("rclone")),
            "serve",
            "s3",
            "--config=/dev/null",
            f"--addr={HOST}:{self.port}",
            f"--cert={self._folder / 's3.crt'}",
            f"--key={self._folder / 's3.key'}",
            str(self.data),
        ]


def free_ports(count: int) -> list[int]:
    """Return ports P that are free together with P+10000, which SeaweedFS takes too; all below the ephemeral ones."""
    found: list[int] = []
    while len(found) < count:
        port = random.randrange(12000, 22700)
        if port not in found and all(map(_is_free, (port, port + 10000))):
            found.append(port)
    return found


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def objects(server: S3Server, prefix: str) -> Iterator[str]:
    """Yield the keys below ``prefix``, as boto3 lists them."""
    for page in server.client().get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix):
        for each in page.get("Contents", []):
            yield each["Key"]
