# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Registries, asked what a tag means (the OCI Distribution Specification, and Docker's for tokens)."""

from __future__ import annotations

import base64
import binascii
import glob
import hashlib
import json
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urljoin, urlsplit

from ansible.module_utils.urls import ConnectionError as UrlsConnectionError
from ansible.module_utils.urls import SSLValidationError, open_url
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._images.reference import Reference

_INDEXES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
_MANIFESTS = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
_NETWORK = (URLError, HTTPException, OSError, UrlsConnectionError, SSLValidationError)
_MOST_BYTES = 16 << 20
_CERTIFICATES = "/etc/docker/certs.d"
_LOGINS = "/root/.docker/config.json"
_HUB_LOGIN = "https://index.docker.io/v1/"
_CHALLENGE = re.compile(r"(\w+)=\"([^\"]*)\"")
_UNAUTHORIZED = 401
_REDIRECTS = (301, 302, 303, 307, 308)
_WORDS = {
    401: "it wants a login that it does not get: docker login on this host gives it one",
    403: "the login is not allowed to see it",
    404: "it has no such image",
    429: "it was asked too often; try again later",
}


@dataclass(frozen=True)
class Settings:
    """How registries are asked: those in ``insecure`` (host and port) without TLS; ``timeout`` in seconds of each request.

    ``ca_bundle`` is None for the certificates that Docker has for the registry, or else the host's own.
    ``logins`` is the file with Docker's logins.
    """

    ca_bundle: str | None = None
    insecure: tuple[str, ...] = ()
    timeout: float = 20
    logins: str = _LOGINS


@dataclass(frozen=True)
class Content:
    """What a registry's image consists of: the digests of its layers, uncompressed, and when it was made."""

    layers: tuple[str, ...]
    created: str | None


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass
class Registries:
    """The registries, asked once about each thing."""

    settings: Settings
    _tokens: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)
    _digests: dict[str, str] = field(default_factory=dict)

    def digest(self, image: Reference) -> str:
        """Return the digest that the image's tag has in its registry: of the whole index, where there are more platforms.

        :raises ToolError: if the registry does not tell.
        """
        if image.name not in self._digests:
            path = f"/v2/{image.repository}/manifests/{image.tag}"
            told = self._ask("HEAD", image, path, (*_INDEXES, *_MANIFESTS)).headers.get("docker-content-digest")
            if told is None:  # the header is not a must
                body = self._ask("GET", image, path, (*_INDEXES, *_MANIFESTS)).body
                told = f"sha256:{hashlib.sha256(body).hexdigest()}"
            self._digests[image.name] = told
        return self._digests[image.name]

    def content(self, image: Reference, system: str, architecture: str, variant: str = "") -> Content:
        """Return what the image consists of on a platform (``linux``, ``arm64``, ``v8``).

        :raises ToolError: if the registry does not tell, or has it not for that platform.
        """
        manifests = f"/v2/{image.repository}/manifests/"
        document = self._json(image, manifests + str(image.digest or image.tag), (*_INDEXES, *_MANIFESTS))
        if "manifests" in document:
            digest = choose_platform(document["manifests"], system, architecture, variant)
            if digest is None:
                raise ToolError(f"{image.name} is not there for {system}/{architecture}.")
            document = self._json(image, manifests + digest, _MANIFESTS)
        try:
            config = self._json(image, f"/v2/{image.repository}/blobs/{document['config']['digest']}", ("*/*",))
            return Content(tuple(config["rootfs"]["diff_ids"]), config.get("created"))
        except (KeyError, TypeError) as error:
            raise ToolError(f"The manifest of {image.name} in its registry cannot be read: {error!r}.") from error

    def _json(self, image: Reference, path: str, accept: Sequence[str]) -> dict[str, Any]:
        try:
            document = json.loads(self._ask("GET", image, path, accept).body)
        except ValueError as error:
            raise ToolError(f"Failed to ask {image.registry} about {image.name}: the answer is no JSON.") from error
        if not isinstance(document, dict):
            raise ToolError(f"Failed to ask {image.registry} about {image.name}: the answer is no manifest.")
        return document

    def _ask(self, method: str, image: Reference, path: str, accept: Sequence[str]) -> _Answer:
        """Ask, with a login if the registry wants one."""
        scheme = "http" if image.host in self.settings.insecure else "https"
        url = f"{scheme}://{image.host}{path}"
        headers = {"Accept": ", ".join(accept)}
        key = (image.host, image.repository)
        known = {"Authorization": self._tokens[key]} if key in self._tokens else {}
        answer = self._send(method, image, url, {**headers, **known})
        if answer.status == _UNAUTHORIZED and not known:
            authorization = self._authorization(image, answer.headers.get("www-authenticate", ""))
            if authorization:
                self._tokens[key] = authorization
                answer = self._send(method, image, url, {**headers, "Authorization": authorization})
        if answer.status in _REDIRECTS:
            # Blobs may lie elsewhere; the login is not for there.
            answer = self._send(method, image, urljoin(url, answer.headers.get("location", "")), headers)
        if answer.status != 200:
            reason = _WORDS.get(answer.status, f"it answers with status {answer.status}")
            raise ToolError(f"Failed to ask {image.registry} about {image.name}: {reason}.")
        return answer

    def _authorization(self, image: Reference, challenge: str) -> str | None:
        """Return the header that answers a challenge (RFC 9110, 11.6.1); None if there is none to give."""
        scheme, _blank, words = challenge.partition(" ")
        login = read_login(self.settings.logins, image.registry)
        basic = f"Basic {base64.b64encode(login.encode()).decode()}" if login else None
        if scheme.lower() == "basic":
            return basic
        told = dict(_CHALLENGE.findall(words))
        realm = told.get("realm", "")
        if scheme.lower() != "bearer" or not realm:
            return None
        if urlsplit(realm).scheme != "https" and image.host not in self.settings.insecure:
            raise ToolError(f"{image.registry} wants a login to be sent to {realm}, without TLS: it was not.")
        asked = {key: told[key] for key in ("service",) if key in told}
        asked["scope"] = told.get("scope") or f"repository:{image.repository}:pull"
        url = f"{realm}{'&' if '?' in realm else '?'}{urlencode(asked)}"
        answer = self._send("GET", image, url, {"Authorization": basic} if basic else {})
        if answer.status != 200:
            return None
        with suppress(ValueError, AttributeError):
            document = json.loads(answer.body)
            token = document.get("token") or document.get("access_token")
            return f"Bearer {token}" if token else None
        return None

    def _send(self, method: str, image: Reference, url: str, headers: Mapping[str, str]) -> _Answer:
        try:
            with open_url(
                url,
                method=method,
                headers=dict(headers),
                http_agent="chatbot.ops",
                timeout=self.settings.timeout,
                follow_redirects="none",
                ca_path=self.settings.ca_bundle or certificates_of(image.host),
                use_netrc=False,
            ) as response:
                return _Answer(int(response.status), _lower(response.headers), bytes(response.read(_MOST_BYTES)))
        except HTTPError as error:
            return _Answer(error.code, _lower(error.headers), error.read(_MOST_BYTES))
        except _NETWORK as error:
            reason = str(getattr(error, "reason", None) or error)
            raise ToolError(f"Failed to ask {image.registry} about {image.name}: {reason.rstrip('.')}.") from error


def choose_platform(
    manifests: Sequence[Mapping[str, Any]], system: str, architecture: str, variant: str = ""
) -> str | None:
    """Return the digest of the manifest for a platform among those of an index; None if there is none. Pure."""
    found = [
        each
        for each in manifests
        if (each.get("platform") or {}).get("os") == system
        and (each.get("platform") or {}).get("architecture") == architecture
    ]
    exact = [each for each in found if each["platform"].get("variant", "") == variant]
    chosen = (exact or found)[:1]
    return str(chosen[0]["digest"]) if chosen else None


def certificates_of(host: str, folder: str = _CERTIFICATES) -> str | None:
    """Return the file with the authority that Docker trusts for a registry; None if there is none of its own."""
    found = sorted(glob.glob(os.path.join(folder, glob.escape(host), "*.crt")))
    return found[0] if found else None


def read_login(path: str, registry: str) -> str | None:
    """Return ``user:password`` for a registry, as docker login has kept it; None if it has not, or keeps it elsewhere."""
    try:
        with open(path, encoding="utf-8") as stream:
            kept = json.load(stream).get("auths") or {}
        entry = kept.get(_HUB_LOGIN if registry == "docker.io" else registry) or {}
        return base64.b64decode(entry["auth"], validate=True).decode("utf-8") or None
    except (OSError, ValueError, KeyError, AttributeError, TypeError, binascii.Error):
        return None


def _lower(headers: Any) -> dict[str, str]:
    return {str(name).lower(): str(value) for name, value in headers.items()}
