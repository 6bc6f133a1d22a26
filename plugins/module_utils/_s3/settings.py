# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a bucket is and how it is spoken to: the parameters of a repository of the type ``s3``, checked. Pure."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError

#: The suboptions of the parameter ``repository`` that are for a bucket (documented in the fragment ``repository``).
BUCKET_ARGUMENTS: dict[str, Any] = {
    "bucket": {"type": "str"},
    "prefix": {"type": "str", "default": ""},
    "endpoint_url": {"type": "str"},
    "region": {"type": "str"},
    "access_key": {"type": "str", "no_log": True},
    "secret_key": {"type": "str", "no_log": True},
    "ca_bundle": {"type": "path"},
    "addressing_style": {"type": "str", "choices": ["auto", "path", "virtual"], "default": "auto"},
    "request_checksum_calculation": {
        "type": "str",
        "choices": ["when_required", "when_supported"],
        "default": "when_required",
    },
    "response_checksum_validation": {
        "type": "str",
        "choices": ["when_required", "when_supported"],
        "default": "when_required",
    },
}

# What some stores list under another name, or refuse: empty segments, "." and "..", backslashes, control characters.
_SEGMENT = re.compile(r"^(?!\.{1,2}$)[^\\/\x00-\x1f\x7f]{1,200}$")


@dataclass(frozen=True)
class BucketSettings:
    """A bucket, and how to reach it; without keys, boto3 looks for them where it always does.

    ``prefix`` is empty or ends with a slash.
    """

    bucket: str
    prefix: str = ""
    endpoint_url: str | None = None
    region: str | None = None
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    ca_bundle: str | None = None
    addressing_style: str = "auto"
    request_checksum_calculation: str = "when_required"
    response_checksum_validation: str = "when_required"

    @property
    def title(self) -> str:
        """The bucket's name for messages, without a secret."""
        where = f" at {self.endpoint_url}" if self.endpoint_url else ""
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/") + where


def fetch_commands(settings: BucketSettings, keys: Sequence[str]) -> list[str]:
    """Return shell commands that bring the objects ``keys`` (below the prefix) into the current folder."""
    options = []
    if settings.endpoint_url:
        options.append(f"--endpoint-url {shlex.quote(settings.endpoint_url)}")
    if settings.ca_bundle:
        options.append(f"--ca-bundle {shlex.quote(settings.ca_bundle)}")
    where = shlex.quote(f"s3://{settings.bucket}/{settings.prefix}".rstrip("/"))
    return [
        "# With Amazon's client, and AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY set; any other client of S3 does as well.",
        f"from={where}",
        *(" ".join(["aws s3 cp", *options, f'"$from"/{shlex.quote(each)}', "."]) for each in keys),
    ]


def read_settings(params: Mapping[str, Any]) -> BucketSettings:
    """Return what the suboptions ``params`` describe.

    :raises RefusedError: naming the one that makes no sense.
    """
    values = {name: params.get(name) or spec.get("default") for name, spec in BUCKET_ARGUMENTS.items()}
    if not values["bucket"]:
        raise RefusedError("Parameter repository.bucket is missing: name the bucket of this s3 repository.")
    if bool(values["access_key"]) is not bool(values["secret_key"]):
        raise RefusedError(
            "Parameters repository.access_key and repository.secret_key belong together: give both, or neither to use "
            "those of the environment."
        )
    endpoint = values["endpoint_url"]
    if endpoint and (not re.match(r"^https?://[^/\s]+", endpoint) or "@" in endpoint):
        raise RefusedError(
            "Parameter repository.endpoint_url is no address of a server. Write it as https://s3.example.org:8333; "
            "keys go to access_key and secret_key."
        )
    bundle = values["ca_bundle"]
    if bundle and not os.path.isfile(bundle):
        raise RefusedError(f"Parameter repository.ca_bundle: the file {bundle} does not exist on this host.")
    values["prefix"] = _prefix(str(values["prefix"] or ""))
    if values["addressing_style"] == "auto" and endpoint:
        # A server of one's own seldom has a name, and a certificate, for each bucket.
        values["addressing_style"] = "path"
    return BucketSettings(**values)


def _prefix(text: str) -> str:
    segments = [each for each in text.split("/") if each]
    if not all(_SEGMENT.match(each) for each in segments):
        raise RefusedError(
            f"Parameter repository.prefix: {text!r} cannot lead every key of a bucket. "
            "Use segments without '.', '..' or backslashes, such as backups/lottery."
        )
    return "".join(f"{each}/" for each in segments)
