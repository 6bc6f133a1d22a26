# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where it is remembered on the server which images of a stack ran before, and what is under way."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import (
    BusyError,
    DamagedError,
    OpsError,
    RefusedError,
)
from ansible_collections.chatbot.ops.plugins.module_utils._core.files import write_file
from ansible_collections.chatbot.ops.plugins.module_utils._rollout.pins import State, read_state

#: The folder on the server.
FOLDER = "/var/lib/chatbot-ops/updates"
_POLL = 0.5


class Store:
    """The file of one stack; the folder is made when something is written."""

    def __init__(self, stack: str, folder: str = FOLDER) -> None:
        if not stack or "/" in stack or stack.startswith("."):
            raise RefusedError(f"{stack!r} is no name of a stack: the file that tells of its images is called so.")
        self.path = os.path.join(folder, f"{stack}.json")
        #: What is laid over the compose file to go back, where that asks for other names of images.
        self.override_path = os.path.join(folder, f"{stack}.override.json")
        #: The compose file of the copy that new images are tried on. It holds secrets.
        self.rehearsal_path = os.path.join(folder, f"{stack}.rehearsal.json")
        self._lock_path = os.path.join(folder, f"{stack}.lock")
        self._folder = folder

    def read(self) -> State:
        """Return what is remembered.

        :raises DamagedError: if it cannot be understood.
        """
        try:
            with open(self.path, encoding="utf-8") as stream:
                return read_state(json.load(stream), self.path)
        except FileNotFoundError:
            return State()
        except ValueError as error:
            raise DamagedError(f"{self.path} is no JSON: {error}. Move it away.") from error
        except OSError as error:
            raise OpsError(f"Failed to read {self.path}: {error.strerror}. Run with become.") from error

    def write(self, state: State) -> None:
        """Remember ``state`` durably."""
        self._write(self.path, json.dumps(state.to_document(), indent=2) + "\n")

    def write_override(self, content: dict[str, object]) -> str:
        """Write what is laid over the compose file, and return its path."""
        self._write(self.override_path, json.dumps(content, indent=2) + "\n")
        return self.override_path

    def write_rehearsal(self, content: dict[str, object]) -> None:
        """Write the compose file of the copy."""
        self._write(self.rehearsal_path, json.dumps(content, indent=2) + "\n")

    @contextmanager
    def held(self, patience: float) -> Iterator[None]:
        """Keep other runs off while the body works; the kernel drops the lock with its holder.

        :raises BusyError: if another one is at it for longer than ``patience`` seconds.
        """
        self._make_folder()
        with open(self._lock_path, "a", encoding="utf-8") as lock:
            deadline = time.monotonic() + patience
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError as error:
                    if time.monotonic() > deadline:
                        raise BusyError(
                            f"Another run works on the images of this stack ({self._lock_path} is held). Wait for its end, "
                            "and run this again."
                        ) from error
                    time.sleep(_POLL)
            yield

    def _write(self, path: str, content: str) -> None:
        self._make_folder()
        try:
            write_file(path, content.encode(), replace=True)
        except OSError as error:
            raise OpsError(f"Failed to write {path}: {error.strerror}.") from error

    def _make_folder(self) -> None:
        try:
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
        except OSError as error:
            raise OpsError(f"Failed to make the folder {self._folder}: {error.strerror}. Run with become.") from error
