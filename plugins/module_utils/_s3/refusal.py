# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a store or the way to it refused, in words that say what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, RepositoryError

try:
    from botocore import exceptions
except ImportError as error:
    MISSING: ImportError | None = error
else:
    MISSING = None

_KEYS = "check access_key and secret_key (or the credentials of the environment)"
_CHECKSUMS = (
    "it does not take uploads whose checksum follows the content; set request_checksum_calculation: when_required"
)
_FAILED = "the store itself failed; try again later, or ask whoever runs it"
_ADVICE = {
    "AccessDenied": "these credentials may not do so; grant them the right, or use others",
    "AuthorizationHeaderMalformed": "the bucket is in another region; set region",
    "BadDigest": "the store received other bytes than were sent; check the network, and try again",
    "EntityTooLarge": "the object is larger than this store takes",
    "ExpiredToken": "the credentials have expired; get fresh ones",
    "IllegalLocationConstraintException": "the bucket is in another region; set region",
    "InvalidAccessKeyId": f"the access key is unknown there; {_KEYS}",
    "InvalidBucketName": "that is no valid name for a bucket; check bucket",
    "InvalidObjectState": "the object is in an archive tier; have the store bring it back first",
    "InvalidPart": "the store has lost a part that it had taken; try again, and if it happens again, ask whoever runs it",
    "InvalidToken": "the session token is not valid there; get fresh credentials",
    "MissingContentLength": _CHECKSUMS,
    "NoSuchBucket": "there is no such bucket; check bucket and endpoint_url, or create it",
    "NoSuchUpload": "somebody aborted the upload; try again",
    "NotImplemented": f"the store cannot do that; if it was an upload, {_CHECKSUMS}",
    "PermanentRedirect": "the bucket is in another region; set region",
    "QuotaExceeded": "its quota is used up; raise it or prune old backups",
    "RequestTimeTooSkewed": "this host's clock differs from the store's; synchronise it (timedatectl)",
    "ServiceUnavailable": "the store is overloaded or down; try again later",
    "SignatureDoesNotMatch": f"the secret key is not that of the access key; {_KEYS}",
    "SlowDown": "the store asks for fewer requests; try again later",
}
_STATUS_ADVICE = {
    301: _ADVICE["PermanentRedirect"],
    403: f"it refuses; {_KEYS}, and their rights",
    411: _CHECKSUMS,
    500: _FAILED,
    501: _ADVICE["NotImplemented"],
    502: _FAILED,
    503: _ADVICE["ServiceUnavailable"],
    504: _FAILED,
    507: "it is full; free some space or prune old backups",
}
#: What a store answers when a condition of a request does not hold, or two such requests meet.
_CONDITION_STATUS = (409, 412)
#: Codes of a store that does not know who asks.
_UNKNOWN_CALLER = (
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidToken",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
)


class StoreRefusalError(RepositoryError):
    """The store answered, and said no: ``code`` is S3's word for it, ``status`` that of HTTP."""

    def __init__(self, message: str, code: str, status: int) -> None:
        super().__init__(message)
        self.code, self.status = code, status

    @property
    def missing(self) -> bool:
        """Whether the object is not there (a missing bucket is another matter)."""
        return self.status == 404 and self.code in ("NoSuchKey", "NoSuchVersion", "404", "NotFound")

    @property
    def denied(self) -> bool:
        """Whether these credentials may not do so, while they are known as such."""
        return self.code in ("AccessDenied", "MethodNotAllowed") or (self.status == 403 and self.code in ("403", ""))

    @property
    def withheld(self) -> bool:
        """Whether the store will not let go of an object: for want of a right, or for a lock.

        Some stores have words of their own for a lock.
        """
        return self.denied or (self.status in (400, 403, 409) and self.code not in _UNKNOWN_CALLER)

    @property
    def condition_failed(self) -> bool:
        """Whether a condition of the request did not hold."""
        return self.status in _CONDITION_STATUS


def require_boto() -> None:
    """Refuse to go on without the library.

    :raises RefusedError: that says how to get it.
    """
    if MISSING is not None:
        raise RefusedError(
            "A repository of the type s3 needs the Python library boto3 (1.36 or newer) on this host, for the Python "
            f"that runs this module: {MISSING}. Apply the role chatbot.ops.toolchain, and use its Python."
        ) from MISSING


@contextmanager
def told(action: str, title: str) -> Iterator[None]:
    """Turn what boto3 raises in the body into an error that says what to do next.

    :raises StoreRefusalError: if the store said no.
    :raises RepositoryError: if it could not be asked.
    """
    try:
        yield
    except exceptions.ClientError as error:
        code, status = _code(error.response), _status(error.response)
        raise StoreRefusalError(
            f"Failed to {action} in the repository {title}: {_why(error)}.", code, status
        ) from error
    except exceptions.BotoCoreError as error:
        raise RepositoryError(f"Failed to {action} in the repository {title}: {_obstacle(error)}.") from error


def _code(response: Any) -> str:
    return str(response.get("Error", {}).get("Code", ""))


def _status(response: Any) -> int:
    return int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def _why(error: Any) -> str:
    code, status = _code(error.response), _status(error.response)
    advice = _ADVICE.get(code) or _STATUS_ADVICE.get(status)
    if advice is not None:
        return f"{advice} ({code or status})"
    said = str(error.response.get("Error", {}).get("Message", "")).strip().rstrip(".")
    return f"the store answers {status} {code}" + (f": {said[:300]}" if said else "")


def _obstacle(error: Exception) -> str:
    if isinstance(error, (exceptions.NoCredentialsError, exceptions.PartialCredentialsError)):
        return "there are no credentials; set access_key and secret_key, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
    if isinstance(error, exceptions.SSLError):
        return f"its certificate is not trusted; set ca_bundle to the authority's certificate ({_last(error)})"
    if isinstance(error, (exceptions.EndpointConnectionError, exceptions.ConnectTimeoutError)):
        return "the server does not answer; check endpoint_url, the network and the firewall"
    if isinstance(error, exceptions.HTTPClientError):
        return f"the connection broke; check the network, and try again ({_last(error)})"
    return str(error).rstrip(".")


def _last(error: Exception) -> str:
    """Return the end of what the library says: its first words repeat the address, which the message has already."""
    return str(error).rstrip(".").rsplit(": ", 1)[-1][:200]
