# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""New images against a quarantined copy of the data, before production is touched."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import Engine
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.carry import Carrier, Patience
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.compose import Compose
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.images import Images
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.pins import Attempt
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.plan import Step
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.project import Service, read_project
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.quarantine import (
    BEFORE,
    copies_by_any_name,
    quarantine_project,
    rehearsal_copy,
)
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.store import Store

_ID = re.compile(r"^[A-Za-z0-9_-]{8,}$")


class Rehearsal:
    """The copy of one project; ``n8n`` is which of its services n8n is."""

    def __init__(
        self, engine: Engine, compose: Compose, store: Store, patience: Patience, *, project: str, n8n: str
    ) -> None:
        self._images, self._original, self._store, self._n8n = Images(engine), compose, store, n8n
        self._project = quarantine_project(project)
        path = store.rehearsal_path
        self._compose = Compose(compose.folder, (path,), self._project)
        self._carrier = Carrier(engine, self._compose, self._project, patience)

    def prepare(self, attempt: Attempt, through: Sequence[str]) -> dict[str, Any]:
        """Make the copy without any data, and start the services that data is restored through.

        :return: the names of their containers, and those of the copy's volumes by the names of the originals.
        """
        document = self._original.document()
        pins = attempt.pins.services
        if self._n8n not in pins:
            raise RefusedError(f"Failed to rehearse: the project has no service {self._n8n}. Name n8n's service.")
        self.remove()
        # By now the names stand for the new images.
        images = {each.name: each.image for each in read_project(document) if each.name in pins}
        self._store.write_rehearsal(rehearsal_copy(document, images, self._n8n, pins[self._n8n].tag))
        services = self._compose.services()
        self._compose.create()
        named = [each for each in services if each.name in through]
        for each in named:
            self._bring_up(each)
        there = self._carrier.containers()
        containers = {each.name: there[each.name][0].name for each in named}
        return {"changed": True, "containers": containers, "volumes": copies_by_any_name(document)}

    def run(self) -> dict[str, Any]:
        """Make all workflows inactive, then start the new images one after the other, and watch them.

        :raises ToolError: if one does not get healthy.
        """
        services = [each for each in self._compose.services() if not each.name.endswith(BEFORE)]
        before = self._document()["services"][f"{self._n8n}{BEFORE}"]["image"]
        self._make_inactive(self._images.version_of_n8n(before))
        seconds = {each.name: self._bring_up(each) for each in services}
        self._carrier.soak(services)
        return {"changed": True, "seconds": seconds}

    def remove(self) -> None:
        """Remove the copy with all its data."""
        if os.path.exists(self._store.rehearsal_path):
            self._compose.down()
            os.unlink(self._store.rehearsal_path)

    def _make_inactive(self, version: str) -> None:
        """Have n8n's own command line do so, of the image that runs now: that of a newer one would migrate the data."""
        service = f"{self._n8n}{BEFORE}"
        with suppress(ToolError):  # without any workflow it fails, too: what counts is what is active in the end
            self._compose.run_once(service, "n8n", *inactive_words(version))
        said = self._compose.run_once(service, "n8n", "list:workflow", "--active=true", "--onlyId")
        active = [line.strip() for line in said.splitlines() if _ID.match(line.strip())]
        if active:
            raise RefusedError(
                f"Failed to rehearse: the workflows {', '.join(active)} stayed active in the copy. Nothing of it was started."
            )

    def _bring_up(self, service: Service) -> float:
        image_id = self._images.id(service.image) or ""
        return self._carrier.carry_out(Step(service.name, "replace", service.image, image_id, service.replicas))

    def _document(self) -> dict[str, Any]:
        path = self._store.rehearsal_path
        try:
            with open(path, encoding="utf-8") as stream:
                document: dict[str, Any] = json.load(stream)
                return document
        except (OSError, ValueError) as error:
            raise RefusedError(f"Failed to rehearse: {path} cannot be read: {error}. Begin again.") from error


def inactive_words(version: str) -> tuple[str, ...]:
    """Return what n8n's own command line is told so that no workflow is active; it is that of the version given."""
    return (
        ("update:workflow", "--all", "--active=false") if version.startswith("1.") else ("unpublish:workflow", "--all")
    )
