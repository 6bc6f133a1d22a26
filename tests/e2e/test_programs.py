# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The servers' programs are not those of the machine that the other tests run on."""

from __future__ import annotations

import shlex

import pytest
from ansible_collections.chatbot.ops.plugins.module_utils._core.pipeline import Command
from ansible_collections.chatbot.ops.plugins.module_utils._n8n.tarball import extract_archive, list_archive

from tests.bed.bed import Bed

_FOLDER = "/var/tmp/bed-tar"


@pytest.mark.parametrize("command", [extract_archive(f"{_FOLDER}/out"), list_archive()], ids=["extract", "list"])
def test_tar_reads_an_archive_to_its_end_however_late_that_comes(bed: Bed, command: Command) -> None:
    make = f"mkdir -p {_FOLDER}/in {_FOLDER}/out && touch {_FOLDER}/in/file"
    feed = f"tar --create --directory={_FOLDER}/in . && sleep 0.5 && head -c 262144 /dev/zero"
    # Whoever writes into a pipe that nobody reads any more ends with 141.
    script = f"set -o pipefail; {make} && ({feed}) | {shlex.join(map(str, command.argv))}; code=$?; rm -r {_FOLDER}"
    bed.production.shell(f"bash -c {shlex.quote(f'{script}; exit $code')}")
