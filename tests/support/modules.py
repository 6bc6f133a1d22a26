# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a module of this collection as a process of its own, as Ansible does, without the second that a playbook costs.

Parameters go in through standard input (secrets never through argv), the result comes out as JSON.
"""

from __future__ import annotations

import importlib
import json
import os
import pathlib
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from tests.tools.link import CHECKOUT, link_checkout

_MODULES = "ansible_collections.chatbot.ops.plugins.modules"


def module_environment() -> dict[str, str]:
    """Return the environment in which a process finds the collection."""
    return {**os.environ, "PYTHONPATH": str(link_checkout())}


def module_parameters(params: Mapping[str, Any], *, check: bool) -> dict[str, Any]:
    """Return ``params`` with what Ansible adds to them."""
    return {**params, "_ansible_check_mode": check, "_ansible_diff": True}


def start_module(
    name: str, params: Mapping[str, Any], *, check: bool = False, environment: Mapping[str, str] | None = None
) -> subprocess.Popen[bytes]:
    """Start module ``name`` with ``params``; its standard output and stderr are pipes.

    :param check: run it in check mode, with a diff.
    :param environment: joins the inherited one.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=CHECKOUT,
        env={**module_environment(), **(environment or {})},
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(module_parameters(params, check=check)).encode())
    process.stdin.close()
    process.stdin = None  # so that communicate() does not flush it again
    return process


def result_of(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    """Wait for a started module and return its result.

    :raises AssertionError: with what it wrote, if it gave none.
    """
    out, err = process.communicate()
    try:
        result = json.loads(out)
    except ValueError as error:
        raise AssertionError(f"no result, exit status {process.returncode}: {out!r} {err.decode()}") from error
    assert isinstance(result, dict)
    assert (process.returncode == 0) == (not result.get("failed", False)), result
    return result


def run_module(name: str, params: Mapping[str, Any], *, check: bool = False, fails: bool = False) -> dict[str, Any]:
    """Run module ``name`` to its end and return its result.

    :param fails: whether it is meant to fail; the other outcome is an AssertionError.
    """
    result = result_of(start_module(name, params, check=check))
    assert bool(result.get("failed", False)) is fails, result
    return result


def main() -> None:
    """Be the process: read the parameters, run the module."""
    from ansible.module_utils.testing import patch_module_args

    params = json.load(sys.stdin)
    # Another process than the test's: nothing of pytest is in it.
    with patch_module_args(params):
        importlib.import_module(f"{_MODULES}.{sys.argv[1]}").main()


if __name__ == "__main__":
    assert pathlib.Path(os.getcwd()) == CHECKOUT
    main()
