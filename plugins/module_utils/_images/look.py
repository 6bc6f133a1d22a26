# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A look at the images of a stack: what runs, what is here, what the registries have, and what all was built on."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._compose.containers import (
    PROJECT_LABEL,
    SERVICE_LABEL,
    Container,
)
from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import Engine
from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Check, Limit, limit_from
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.params import duration_seconds
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Command, run_command
from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import find_program
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._images.dockerfile import SCRATCH, find_base
from ansible_collections.chatbot.ops.plugins.module_utils._images.judge import (
    Finding,
    ServiceImage,
    document_of,
    judge_image,
)
from ansible_collections.chatbot.ops.plugins.module_utils._images.reference import is_image_id, parse_reference
from ansible_collections.chatbot.ops.plugins.module_utils._images.registry import Registries, Settings

_BASE_NAME = "org.opencontainers.image.base.name"
_BASE_DIGEST = "org.opencontainers.image.base.digest"
_ONE_OFF = "com.docker.compose.oneoff"
_MOST_BYTES = 1 << 20


@dataclass(frozen=True)
class Look:
    """What to look at: the ``services`` (none: all) of ``project``; ``age`` is from how many days on an image is old."""

    project: str
    services: tuple[str, ...]
    settings: Settings
    age: Limit
    language: str


@dataclass(frozen=True)
class Build:
    """How a service's image is built: the text of its Dockerfile, or else a ``problem`` tells why there is none to read."""

    dockerfile: str | None
    target: str | None
    arguments: Mapping[str, str]
    problem: str = ""


def look_from(params: Mapping[str, Any]) -> Look:
    """Return what the module is asked for.

    :raises RefusedError: if a parameter is none such.
    """
    if not params["project"]:
        raise RefusedError("Parameter project: name the Docker Compose project; `docker compose ls` tells it.")
    bundle = params["ca_bundle"]
    if bundle and not os.path.isfile(bundle):
        raise RefusedError(f"Parameter ca_bundle: there is no file {bundle} on this host.")
    try:
        age = limit_from({"warning": params["age_warning"], "critical": params["age_critical"]})
    except ValueError as error:
        raise RefusedError(f"Parameters age_warning and age_critical: {error}.") from error
    settings = Settings(
        bundle, tuple(params["insecure_registries"] or ()), duration_seconds("timeout", params["timeout"])
    )
    return Look(params["project"], tuple(params["services"] or ()), settings, age, params["language"])


def look_at_images(engine: Engine, look: Look) -> dict[str, Any]:
    """Look, and return what was found as the module's result.

    :raises RefusedError: if the project has no container, or not those of the services.
    """
    by_service = _chosen(engine, look)
    builds = _builds(next(iter(by_service.values()))[0])
    registries, at = Registries(look.settings), now()
    found = [
        _service(engine, registries, containers, builds.get(service)) for service, containers in by_service.items()
    ]
    checks: list[Check] = [check for each in found for check in judge_image(each, look.age, at, look.language)]
    return {
        "project": look.project,
        "at": to_iso(at),
        "services": [document_of(each, at) for each in found],
        "checks": [each.to_document() for each in checks],
    }


def _chosen(engine: Engine, look: Look) -> dict[str, list[Container]]:
    by_service: dict[str, list[Container]] = {}
    found = engine.containers({PROJECT_LABEL: look.project})
    for each in sorted(found, key=lambda each: (each.service, each.name)):
        # What docker compose run leaves behind is no service.
        if each.labels.get(_ONE_OFF) != "True" and each.service in (look.services or (each.service,)):
            by_service.setdefault(each.service, []).append(each)
    missing = sorted(set(look.services) - set(by_service))
    if missing or not by_service:
        known = ", ".join(sorted({each.labels.get(PROJECT_LABEL, "") for each in engine.containers()} - {""})) or "none"
        what = f"no container of {', '.join(missing)}" if missing else "no container"
        raise RefusedError(f"The project {look.project} has {what} on this host. Projects that have some: {known}.")
    return by_service


def _service(
    engine: Engine, registries: Registries, containers: Sequence[Container], build: Build | None
) -> ServiceImage:
    # The oldest is what counts: they are to run the same.
    documents = [(each, engine.image(each.image_id) or {}) for each in containers]
    container, document = min(documents, key=lambda each: str(each[1].get("Created") or ""))
    digests = tuple(document.get("RepoDigests") or ())
    return ServiceImage(
        service=container.labels.get(SERVICE_LABEL, container.name),
        containers=tuple(each.name for each in containers),
        image=container.image,
        image_id=container.image_id,
        created=document.get("Created"),
        digests=digests,
        running=_running(engine, containers),
        registry=None if build is not None and not digests else _registry(registries, container, digests),
        base=_base(registries, document, build),
    )


def _running(engine: Engine, containers: Sequence[Container]) -> Finding:
    """Compare what runs with what its name means here by now."""
    image = containers[0].image
    if is_image_id(image):
        return Finding(None, image, "image_only_id")
    local = engine.image(image)
    if local is None:
        return Finding(None, image, "image_no_tag")
    return Finding(all(each.image_id == local["Id"] for each in containers), image)


def _registry(registries: Registries, container: Container, digests: Sequence[str]) -> Finding:
    """Compare what runs with what its name means in its registry by now."""
    image = container.image
    if is_image_id(image):
        return Finding(None, image, "image_only_id")
    try:
        reference = parse_reference(image)
        if reference.tag is None:
            return Finding(None, image, "image_only_digest")
        # One that was built elsewhere under that name has none either.
        had = {each.partition("@")[2] for each in digests if parse_reference(each).repository == reference.repository}
        if not had:
            return Finding(None, image, "image_no_digest")
        digest = registries.digest(reference)
    except OpsError as error:
        return Finding(None, image, error.message)
    return Finding(digest in had, image, digest=digest)


def _base(registries: Registries, document: Mapping[str, Any], build: Build | None) -> Finding | None:
    """Compare what the image was built on with what the name of that means in its registry by now."""
    labels = (document.get("Config") or {}).get("Labels") or {}
    name, digest = labels.get(_BASE_NAME, ""), labels.get(_BASE_DIGEST, "")
    try:
        if build is not None:
            if build.dockerfile is None:
                return Finding(None, name, build.problem)
            written = find_base(build.dockerfile, build.target, build.arguments).image
            # The Dockerfile may be a newer one than the image: what the label tells is of that other base then.
            digest = digest if written == name else ""
            name = written
        if not name:
            return None
        if name == SCRATCH:
            return Finding(True, "")
        return _base_in_registry(registries, document, name, digest)
    except OpsError as error:
        return Finding(None, name, error.message)


def _base_in_registry(registries: Registries, document: Mapping[str, Any], name: str, digest: str) -> Finding:
    reference = parse_reference(name)
    if reference.tag is None:
        return Finding(None, name, "image_only_digest")
    newest = registries.digest(reference)
    if digest or reference.digest:
        return Finding(newest == (digest or reference.digest), name, digest=newest)
    # An image is built on another one if its layers begin with all of that one's.
    words = (str(document.get(key) or "") for key in ("Os", "Architecture", "Variant"))
    below = registries.content(reference, *words).layers
    layers = tuple((document.get("RootFS") or {}).get("Layers") or ())
    return Finding(bool(below) and layers[: len(below)] == below, name, digest=newest)


def _builds(container: Container) -> dict[str, Build]:
    """Return how the project's services are built, as its compose files say; those that are not have no entry."""
    folder, files = container.working_dir, container.config_files
    if folder is None or not all(os.path.isfile(each) for each in files):
        return {}
    words = [
        "compose",
        f"--project-directory={folder}",
        *(f"--file={each}" for each in files),
        "config",
        "--format=json",
    ]
    try:
        told = run_command(Command((find_program("docker"), *words), name="docker compose config", cwd=folder))
        return {name: read_build(each, folder) for name, each in build_sections(told).items()}
    except OpsError:
        return {}


def build_sections(text: str) -> dict[str, Mapping[str, Any]]:
    """Return the section ``build`` of each service that has one, of what ``docker compose config`` wrote. Pure.

    :raises RefusedError: if it is none such.
    """
    try:
        services = json.loads(text)["services"]
        return {name: each["build"] for name, each in services.items() if each.get("build")}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RefusedError(f"The compose files of the project cannot be read: {error!r}.") from error


def read_build(section: Mapping[str, Any], folder: str) -> Build:
    """Return how a service's image is built, with its Dockerfile read."""
    target = section.get("target") or None
    arguments = {name: str(value) for name, value in (section.get("args") or {}).items() if value is not None}
    inline = section.get("dockerfile_inline")
    if inline:
        return Build(str(inline), target, arguments)
    context = os.path.join(folder, str(section.get("context") or "."))
    path = os.path.join(context, str(section.get("dockerfile") or "Dockerfile"))
    try:
        with open(path, encoding="utf-8") as stream:
            return Build(stream.read(_MOST_BYTES), target, arguments)
    except (OSError, UnicodeDecodeError) as error:
        problem = f"Its Dockerfile, {path}, cannot be read: {getattr(error, 'strerror', None) or error}."
        return Build(None, target, arguments, problem)
