# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The update of a stack's images, step by step; each step is remembered before it is taken."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._compose.containers import Container
from ansible_collections.chatbot.ops.plugins.module_utils._compose.engine import Engine
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now, to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.carry import Carrier, Patience
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.compose import Compose
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.images import Images
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.judge import crosses_major, jobs_among, lacking
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.pins import (
    Attempt,
    Pin,
    Pins,
    State,
    gone_back,
    removable,
    settled,
    tag_of,
    without,
)
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.plan import (
    changed_services,
    names_to_return,
    override,
    steps,
)
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.project import Service
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.rehearse import Rehearsal
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.store import Store


@dataclass(frozen=True)
class Stack:
    """Which stack: its name, its Compose project, the project's folder, and which of its services n8n is.

    ``services`` are those that are meant; none: all.
    """

    name: str
    project: str
    folder: str
    n8n: str = "n8n"
    services: tuple[str, ...] = ()


class Rollout:
    """The update of one stack."""

    def __init__(self, stack: Stack, engine: Engine, store: Store, patience: Patience, *, check_mode: bool) -> None:
        self._stack, self._store, self._check_mode = stack, store, check_mode
        # Its containers are found by the project: Compose must not take the folder's name for another one's.
        self._compose = Compose(stack.folder, name=stack.project)
        self._images = Images(engine)
        self._engine = engine
        self._carrier = Carrier(engine, self._compose, stack.project, patience)
        self._rehearsal = Rehearsal(engine, self._compose, store, patience, project=stack.project, n8n=stack.n8n)

    def look(self) -> dict[str, Any]:
        """Return what runs, what does not, what is under way, and how much room there is."""
        services, there, state = self._services(), self._carrier.containers(), self._store.read()
        jobs = jobs_among(there)
        lacks = {each.name: lacking(each.name, there.get(each.name, []), each.replicas, jobs) for each in services}
        folder = self._engine.data_folder()
        status = os.statvfs(folder)
        return {
            "changed": False,
            "services": {each.name: self._described(each, there.get(each.name, [])) for each in services},
            "unwell": [reason for reason in lacks.values() if reason],
            "attempt": state.attempt.to_document() if state.attempt else None,
            "current": state.current.to_document() if state.current else None,
            "previous": state.previous.to_document() if state.previous else None,
            "data_folder": folder,
            "free_bytes": status.f_bavail * status.f_frsize,
            "image_bytes": self._images.bytes({each.image_id for found in there.values() for each in found}),
        }

    def pull(self) -> dict[str, Any]:
        """Pin what runs, then have the new images, under their names, without touching any container.

        :raises OpsError: and the names stand for what they stood for before.
        """
        state = self._store.read()
        if state.attempt is not None and state.attempt.phase != "pulled":
            raise RefusedError(
                f"Failed to pull the images of {self._stack.name}: its update {state.attempt.id} was cut off while containers "
                "were changed. Go on with it or go back first."
            )
        services = self._services()
        chosen = self._chosen(services)
        if self._check_mode:
            return self._pulled(self._pins(state, services), self._wanted(chosen))
        state = self._undone(state)
        pins = self._pins(state, services)
        self._images.keep(pins)
        names = {each.image: self._images.id(each.image) for each in chosen}
        attempt = Attempt(
            pins.id if pins is not state.current else _new_id(), to_iso(now()), "pulled", names, pins, {}, self._jobs()
        )
        self._store.write(replace(state, attempt=attempt))
        try:
            self._fetch(chosen)
        except OpsError:
            self._images.rename(names)
            self._store.write(state)
            raise
        wanted = self._wanted(chosen)
        result = self._pulled(pins, wanted)
        old = (*state.old, *([state.current] if state.current and state.current.id != pins.id else ()))
        state = replace(state, current=pins, old=old)
        # Nothing new: what runs is what is wanted.
        under_way = replace(attempt, wanted=wanted) if result["new_images"] else None
        self._store.write(replace(state, attempt=under_way))
        return result

    def cancel(self) -> dict[str, Any]:
        """Give the names of the images back to what they stood for, if no container was touched yet."""
        state = self._store.read()
        if state.attempt is None or state.attempt.phase != "pulled":
            return {"changed": False}
        if not self._check_mode:
            self._undone(state)
        return {"changed": True}

    def quarantine(self, through: Sequence[str]) -> dict[str, Any]:
        """Make a copy of the stack that reaches nobody, with the new images and no data yet.

        :param through: the services that are started already, since data is restored through them.
        """
        _state, attempt = self._under_way("rehearse")
        if self._check_mode:
            return {"changed": True, "containers": {}, "volumes": {}}
        return self._rehearsal.prepare(attempt, through)

    def rehearse(self) -> dict[str, Any]:
        """Start the copy, once it has its data.

        :raises ToolError: if a service of it does not get healthy.
        """
        return {"changed": True, "seconds": {}} if self._check_mode else self._rehearsal.run()

    def clear(self) -> dict[str, Any]:
        """Remove the copy."""
        if not self._check_mode:
            self._rehearsal.remove()
        return {"changed": True}

    def up(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """Bring the services to the new images, one after the other, and watch them.

        :param facts: what to remember of this update.
        :raises ToolError: if one does not get healthy, or does not stay so; what is remembered says how to go back.
        """
        state, attempt = self._under_way("bring the services up")
        if attempt.phase == "back":
            raise RefusedError(f"The update {attempt.id} of {self._stack.name} is on its way back. Finish that first.")
        services = self._services()
        self._carrier.jobs = attempt.facts["jobs"]
        planned = steps(services, attempt.wanted, self._carrier.containers())
        result: dict[str, Any] = {"changed": bool(planned), "steps": [each.to_document() for each in planned]}
        if self._check_mode:
            return {**result, "seconds": {}}
        attempt = replace(attempt, phase="up", facts={**attempt.facts, **facts})
        self._store.write(replace(state, attempt=attempt))
        seconds = {each.service: self._carrier.carry_out(each) for each in planned}
        self._carrier.soak(services)
        return {**result, "seconds": seconds}

    def halt(self, keep: Sequence[str], facts: Mapping[str, Any]) -> dict[str, Any]:
        """Stop what runs other images than the pinned ones, and bring those of ``keep`` back to theirs.

        :param keep: the services that the data is restored through.
        """
        pins = self._way_back(facts).pins
        services = self._known(pins)
        if self._check_mode:
            return {"changed": True, "halted": []}
        right = {name: each.image_id for name, each in pins.services.items()}
        # An inventory may name the container in place of the service.
        named = {name for name, found in self._carrier.containers().items() for each in found if each.name in keep}
        kept = {*keep, *named}
        halted = self._carrier.halt(services, right, kept)
        returned = self._put_back([each for each in services if each.name in kept], pins)
        return {"changed": bool(halted or returned), "halted": halted}

    def back(self, facts: Mapping[str, Any]) -> dict[str, Any]:
        """Bring all services back to the pinned images: those of the update that is under way, else the previous ones.

        :raises ToolError: if one does not get healthy.
        """
        pins = self._way_back(facts).pins
        services = self._known(pins)
        asked_for = {each.name: each.image for each in services}
        renamed = sorted(name for name, each in pins.services.items() if asked_for.get(name, each.image) != each.image)
        result: dict[str, Any] = {"changed": True, "pins": pins.to_document(), "renamed": renamed, "returned": []}
        if not self._check_mode:
            result["returned"] = self._put_back(services, pins)
            self._store.write(gone_back(self._store.read(), to_iso(now())))
        return result

    def settle(self, *, backups: Mapping[str, str], migrated: bool) -> dict[str, Any]:
        """Make what runs the current images, and what ran before the previous ones."""
        state, _attempt = self._under_way("settle")
        services = self._services()
        pins = self._pins(replace(state, current=None), services)
        if not self._check_mode:
            self._images.keep(pins)
            self._store.write(settled(state, pins, backups=backups, migrated=migrated))
        return {"changed": True, "pins": pins.to_document()}

    def prune(self, keep_days: float) -> dict[str, Any]:
        """Remove the images that ran before, if those that serve have done so for long enough and are healthy."""
        state, services = self._store.read(), self._services()
        there = self._carrier.containers()
        jobs = jobs_among(there)
        if any(lacking(each.name, there.get(each.name, []), each.replicas, jobs) for each in services):
            return {"changed": False, "removed": []}
        gone = removable(state, now(), keep_days)
        in_use = {pin.image_id for pin in (state.current.services.values() if state.current else ())}
        in_use |= {each.image_id for found in there.values() for each in found}
        kept, asked_for = [state.current] if state.current else [], {each.image for each in services}
        removed = self._images.discard(gone, kept, in_use, asked_for, check_mode=self._check_mode)
        if gone and not self._check_mode:
            self._store.write(without(state, gone))
        return {"changed": bool(removed), "removed": removed}

    def _services(self) -> list[Service]:
        found = self._compose.services()
        unknown = set(self._stack.services) - {each.name for each in found}
        if unknown:
            raise RefusedError(
                f"The compose file in {self._stack.folder} has no service {', '.join(sorted(unknown))}. It has: "
                f"{', '.join(sorted(each.name for each in found))}."
            )
        return found

    def _chosen(self, services: Sequence[Service]) -> list[Service]:
        return [each for each in services if not self._stack.services or each.name in self._stack.services]

    def _known(self, pins: Pins) -> list[Service]:
        return [each for each in self._compose.services() if each.name in pins.services]

    def _described(self, service: Service, there: Sequence[Container]) -> dict[str, Any]:
        return {
            "image": service.image,
            "image_ids": sorted({each.image_id for each in there}),
            "replicas": service.replicas,
            "how": "roll" if service.rolls else "replace",
            "is_built": service.is_built,
        }

    def _wanted(self, services: Sequence[Service]) -> dict[str, str]:
        found = {each.name: self._images.id(each.image) for each in services}
        missing = [each.image for each in services if found[each.name] is None]
        if missing and not self._check_mode:
            raise ToolError(f"The images {', '.join(missing)} are not on this host, though they were pulled.")
        return {name: image_id for name, image_id in found.items() if image_id is not None}

    def _pulled(self, pins: Pins, wanted: Mapping[str, str]) -> dict[str, Any]:
        update, major = {}, False
        for name in changed_services(wanted, pins):
            tell = self._images.version_of_n8n if name == self._stack.n8n else self._images.version
            old, new = tell(pins.services[name].image_id), tell(wanted[name])
            update[name] = {"image": pins.services[name].image, "old": old, "new": new}
            major = major or (name == self._stack.n8n and crosses_major(old, new))
        return {"changed": bool(update), "new_images": update, "crosses_major": major}

    def _fetch(self, services: Sequence[Service]) -> None:
        pulled = [each.name for each in services if not each.is_built]
        built = [each.name for each in services if each.is_built]
        if pulled:
            self._compose.pull(pulled)
        if built:
            self._compose.build(built)

    def _pins(self, state: State, services: Sequence[Service]) -> Pins:
        """Return what runs, pinned; the pins of before, if it is the same."""
        there, before = self._carrier.containers(), state.current.services if state.current else {}
        running = {each.name: there[each.name][0] for each in services if there.get(each.name)}
        if state.current and {name: each.image_id for name, each in before.items()} == {
            name: each.image_id for name, each in running.items()
        }:
            return state.current
        pins_id = _new_id()
        pins = {
            name: before[name]
            if name in before and before[name].image_id == each.image_id
            else self._pin(name, each, pins_id)
            for name, each in running.items()
        }
        return Pins(pins_id, to_iso(now()), pins)

    def _pin(self, service: str, container: Container, pins_id: str) -> Pin:
        tag = tag_of(self._stack.name, service, pins_id)
        return Pin(container.image, container.image_id, self._images.digests(container.image_id), tag)

    def _undone(self, state: State) -> State:
        """Return the state without an attempt that touched no container."""
        if state.attempt is None:
            return state
        self._rehearsal.remove()
        self._images.rename(state.attempt.names)
        state = replace(state, attempt=None)
        self._store.write(state)
        return state

    def _jobs(self) -> dict[str, Any]:
        """Return which services have ended as they should, to tell those from what an update breaks."""
        return {"jobs": jobs_among(self._carrier.containers())}

    def _under_way(self, what: str) -> tuple[State, Attempt]:
        state = self._store.read()
        if state.attempt is None:
            raise RefusedError(f"Failed to {what}: no update of {self._stack.name} is under way.")
        return state, state.attempt

    def _way_back(self, facts: Mapping[str, Any]) -> Attempt:
        """Remember that it goes back, and return the attempt that tells what to."""
        state = self._store.read()
        attempt = state.attempt
        if attempt is None:
            if state.previous is None:
                raise RefusedError(
                    f"Failed to go back: nothing is remembered of what ran before of {self._stack.name}. Either no update was "
                    "made, or its old images were removed since."
                )
            leaving = self._pins(state, self._services())
            attempt = Attempt(
                _new_id(),
                to_iso(now()),
                "back",
                {},
                state.previous,
                {},
                {"left": leaving.to_document(), **self._jobs()},
            )
            if not self._check_mode:
                self._images.keep(leaving)
        self._images.require(attempt.pins)
        self._carrier.jobs = attempt.facts["jobs"]
        attempt = replace(attempt, phase="back", facts={**attempt.facts, **facts})
        if not self._check_mode:
            self._store.write(replace(state, attempt=attempt))
        return attempt

    def _put_back(self, services: Sequence[Service], pins: Pins) -> list[str]:
        self._images.rename(names_to_return(pins.services, services))
        carrier = self._carrier
        laid_over = override(pins.services, services)
        if laid_over:
            files = [name for found in carrier.containers().values() for each in found for name in each.config_files]
            path = self._store.write_override(laid_over)
            carrier = carrier.over(self._compose.laid_over(path, list(dict.fromkeys(files))))
        return [each.name for each in services if carrier.put_back(each, pins.services[each.name].image_id)]


def _new_id() -> str:
    return f"{now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}"
