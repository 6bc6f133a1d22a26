# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make this checkout importable, and findable by Ansible, as its collection, whatever folder it is in."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

from tests.tools.link import CHECKOUT, link_checkout


def _load_collection() -> None:
    collections = str(link_checkout())
    os.environ["ANSIBLE_COLLECTIONS_PATH"] = collections
    os.environ["ANSIBLE_CONFIG"] = str(CHECKOUT / "ansible.cfg")
    # Ansible reads the two when it is first imported. Its loader, not Python's, must find the collection:
    # else its plugins have no file that Ansible could send to a host.
    from ansible.plugins.loader import init_plugin_loader

    init_plugin_loader([collections])


def _trust_by_folder() -> None:
    """Have OpenSSL look up the authorities that it needs in the system's folder, where its file is made of the same.

    Else Python reads that file for each client, whatever its address: 40 ms of the processor, nine tenths of what a request
    takes here.
    """
    paths = ssl.get_default_verify_paths()
    if not (paths.cafile and paths.capath):
        return
    file, folder = Path(paths.cafile).resolve(), Path(paths.capath).resolve()
    if file.parent == folder and any(folder.glob("*.0")):
        os.environ[paths.openssl_cafile_env] = os.devnull


_load_collection()
_trust_by_folder()
