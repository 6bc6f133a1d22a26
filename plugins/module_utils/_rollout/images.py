# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The images of a host: kept by a name of ours, given their old names back, removed in the end."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import Engine
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Command, run_command
from ansible_collections.chatbot.ops.plugins.module_utils._core.programs import find_program
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.pins import Pins

_VERSION_LABEL = "org.opencontainers.image.version"
_VERSION_VARIABLES = ("N8N_VERSION", "NGINX_VERSION", "PG_VERSION")


class Images:
    """The images that an engine has."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def id(self, name: str) -> str | None:
        """Return the id of the image of that name; None if it is not here."""
        found = self._engine.image(name)
        return None if found is None else str(found["Id"])

    def digests(self, image_id: str) -> tuple[str, ...]:
        """Return by which digests registries know the image."""
        return self._engine.image_digests(image_id)

    def version(self, image_id: str) -> str:
        """Return the version that the image tells by its label or its environment; empty, if it tells none."""
        config = (self._engine.image(image_id) or {}).get("Config") or {}
        label = (config.get("Labels") or {}).get(_VERSION_LABEL)
        if label:
            return str(label)
        variables = dict(each.split("=", 1) for each in config.get("Env") or () if "=" in each)
        return next((variables[name] for name in _VERSION_VARIABLES if name in variables), "")

    def version_of_n8n(self, image_id: str) -> str:
        """As ``version``; where the image tells nothing, its n8n is asked, without any network or data of the stack's."""
        told = self.version(image_id)
        if told:
            return told
        words = ("run", "--rm", "--pull=never", "--network=none", "--entrypoint=n8n", image_id, "--version")
        try:
            said = run_command(Command((find_program("docker"), *words), name="docker run"))
        except ToolError:
            return ""
        return said.strip().splitlines()[-1].strip() if said.strip() else ""

    def bytes(self, image_ids: Iterable[str]) -> int:
        """Return how much the images take together, at most: what they share counts more than once."""
        return sum(int((self._engine.image(each) or {}).get("Size", 0)) for each in image_ids)

    def keep(self, pins: Pins) -> None:
        """Give the pinned images a name of ours, so that Docker's own clean-up leaves them."""
        for each in pins.services.values():
            if self.id(each.tag) != each.image_id:
                self._engine.tag_image(each.image_id, each.tag)

    def rename(self, names: Mapping[str, str | None]) -> None:
        """Let the names stand for those images; a name that stood for nothing is left alone."""
        for name, image_id in names.items():
            if image_id is not None and self.id(name) != image_id:
                self._engine.tag_image(image_id, name)

    def require(self, pins: Pins) -> None:
        """Refuse to go back to images that are gone.

        :raises RefusedError: naming them.
        """
        missing = [f"{name} ({each.image})" for name, each in pins.services.items() if self.id(each.image_id) is None]
        if missing:
            raise RefusedError(
                f"Failed to go back to the images of {pins.since}: some are not on this host any more: {', '.join(missing)}. "
                "Name their versions in the compose file, and deploy."
            )

    def discard(
        self,
        gone: Iterable[Pins],
        kept: Iterable[Pins],
        in_use: Collection[str],
        asked_for: Collection[str],
        *,
        check_mode: bool,
    ) -> list[str]:
        """Take our names from images, and the names that only they had; return those of the images that thereby went.

        :param in_use: the ids of images that serve.
        :param asked_for: the names that the compose file has.
        """
        pinned = {pin.tag for pins in kept for pin in pins.services.values()}
        ours: dict[str, set[str]] = {}
        told: dict[str, str] = {}
        for each in (pin for pins in gone for pin in pins.services.values()):
            names = ours.setdefault(each.image_id, set())
            told[each.image_id] = each.image
            if each.tag not in pinned:
                names.add(each.tag)
            if each.image_id not in in_use and each.image not in asked_for and self.id(each.image) == each.image_id:
                names.add(each.image)
        going = [each for each, names in ours.items() if each not in in_use and self._has_only(each, names)]
        if not check_mode:
            for name in sorted(set().union(*ours.values())):
                self._engine.remove_image(name)
            for image_id in going:
                self._remove_nameless(image_id)
            going = [each for each in going if self.id(each) is None]
        return [told[each] for each in going]

    def _has_only(self, image_id: str, names: Collection[str]) -> bool:
        """Whether the image is here, and has no more names than these."""
        found = self._engine.image(image_id)
        return found is not None and len(found.get("RepoTags") or ()) <= len(names)

    def _remove_nameless(self, image_id: str) -> None:
        """Remove an image that has no name left: what came from a registry is still held by its digest there."""
        found = self._engine.image(image_id)
        if found is not None and not found.get("RepoTags"):
            for reference in (*(found.get("RepoDigests") or ()), image_id):
                self._engine.remove_image(reference)
