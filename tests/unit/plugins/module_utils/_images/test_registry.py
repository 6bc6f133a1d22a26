# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A registry is asked as it wants to be, and what it does not tell is an error that says why."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._images.reference import Reference, parse_reference
from ansible_collections.chatbot.ops.plugins.module_utils._images.registry import (
    Registries,
    Settings,
    certificates_of,
    choose_platform,
    read_login,
)

from tests.unit.plugins.module_utils._images.registry_double import LOGIN, Double, registry_double


@pytest.fixture
def double() -> Iterator[Double]:
    with registry_double() as found:
        yield found


def host(double: Double) -> str:
    return double.address.removeprefix("http://")


def image(double: Double, name: str = "lottery/api:1") -> Reference:
    return parse_reference(f"{host(double)}/{name}")


def registries(double: Double, logins: str = "/nonexistent") -> Registries:
    return Registries(Settings(insecure=(host(double),), logins=logins, timeout=10))


def keep_login(double: Double, folder: Path) -> str:
    path = folder / "config.json"
    auth = base64.b64encode(LOGIN.encode()).decode()
    path.write_text(json.dumps({"auths": {host(double): {"auth": auth}}}), encoding="utf-8")
    return str(path)


def test_a_digest_by_a_token_that_anybody_gets(double: Double) -> None:
    digest = double.put_image("lottery/api", "1", ["sha256:a"])
    asked = registries(double)
    assert asked.digest(image(double)) == digest
    assert asked.digest(image(double)) == digest
    assert [(method, path) for method, path, _given in double.asked] == [
        ("HEAD", "/v2/lottery/api/manifests/1"),
        ("GET", "/token"),
        ("HEAD", "/v2/lottery/api/manifests/1"),
    ], "once, and by HEAD, which is no pull"


def test_a_digest_that_no_header_tells(double: Double) -> None:
    double.auth, double.tells_digest = "none", False
    digest = double.put_image("lottery/api", "1", ["sha256:a"])
    assert registries(double).digest(image(double)) == digest


@pytest.mark.parametrize("auth", ["token", "basic"])
def test_with_the_login_that_docker_keeps(double: Double, tmp_path: Path, auth: str) -> None:
    double.auth, double.login = auth, True
    digest = double.put_image("lottery/api", "1", ["sha256:a"])
    with pytest.raises(ToolError, match="docker login") as caught:
        registries(double).digest(image(double))
    assert "geheim" not in caught.value.message
    assert registries(double, keep_login(double, tmp_path)).digest(image(double)) == digest


def test_the_layers_of_this_platform(double: Double) -> None:
    double.put_image("lottery/api", "1", ["sha256:a", "sha256:b"])
    double.elsewhere = True
    found = registries(double).content(image(double), "linux", "amd64")
    assert found.layers == ("sha256:a", "sha256:b")
    assert [given for _method, path, given in double.asked if path.startswith("/elsewhere")] == [""], (
        "no token goes there"
    )
    with pytest.raises(ToolError, match="not there for linux/riscv64"):
        registries(double).content(image(double), "linux", "riscv64")


ANSWERS = {404: "no such image", 403: "not allowed", 429: "too often", 500: "status 500"}


@pytest.mark.parametrize(("status", "said"), ANSWERS.items())
def test_what_it_does_not_tell(double: Double, status: int, said: str) -> None:
    double.status = status
    with pytest.raises(ToolError, match=said):
        registries(double).digest(image(double))


def test_nonsense(double: Double) -> None:
    double.auth = "none"
    path = "/v2/lottery/api/manifests/1"
    for body in (b"<html>", b"[]", b'{"config": {}}'):
        double.content[path], double.types[path] = body, "application/vnd.oci.image.manifest.v1+json"
        with pytest.raises(ToolError):
            registries(double).content(image(double), "linux", "amd64")


def test_nobody_there() -> None:
    nobody = parse_reference("127.0.0.1:9/lottery/api:1")
    with pytest.raises(ToolError, match=r"Failed to ask 127\.0\.0\.1:9 about 127\.0\.0\.1:9/lottery/api:1"):
        Registries(Settings(insecure=("127.0.0.1:9",), timeout=5)).digest(nobody)


def test_without_tls_only_where_it_is_allowed(double: Double) -> None:
    with pytest.raises(ToolError):
        Registries(Settings(timeout=5)).digest(image(double))
    assert double.asked == []


def test_platforms() -> None:
    def entry(digest: str, architecture: str, variant: str = "") -> dict[str, object]:
        return {"digest": digest, "platform": {"os": "linux", "architecture": architecture, "variant": variant}}

    manifests: list[dict[str, object]] = [
        entry("a", "amd64"),
        entry("b", "arm", "v6"),
        entry("c", "arm", "v7"),
        {"digest": "attestation"},
    ]
    assert choose_platform(manifests, "linux", "amd64") == "a"
    assert choose_platform(manifests, "linux", "arm", "v7") == "c"
    assert choose_platform(manifests, "linux", "arm", "v8") == "b"
    assert choose_platform(manifests, "linux", "s390x") is None


def test_the_certificates_that_docker_has(tmp_path: Path) -> None:
    (tmp_path / "registry.bed:5000").mkdir()
    (tmp_path / "registry.bed:5000" / "ca.crt").touch()
    assert certificates_of("registry.bed:5000", str(tmp_path)) == str(tmp_path / "registry.bed:5000" / "ca.crt")
    assert certificates_of("other", str(tmp_path)) is None


LOGINS = {
    "of the hub": ('{"auths": {"https://index.docker.io/v1/": {"auth": "YTpi"}}}', "a:b"),
    "in a helper": ('{"auths": {"https://index.docker.io/v1/": {}}, "credsStore": "pass"}', None),
    "nonsense": ("[]", None),
    "no base64": ('{"auths": {"https://index.docker.io/v1/": {"auth": "-"}}}', None),
}


@pytest.mark.parametrize(("text", "login"), LOGINS.values(), ids=LOGINS)
def test_logins(tmp_path: Path, text: str, login: str | None) -> None:
    path = tmp_path / "config.json"
    path.write_text(text, encoding="utf-8")
    assert read_login(str(path), "docker.io") == login
