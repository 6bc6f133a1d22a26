# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does on a bare Debian, in a folder and namespaces of its own, what a stranger does with the checkout and the tarball.

``python -m tests.tools.clean_room [TARGET ...]``, as root: makes the TARGETs (``demo``, unless others are named), then
installs the tarball there and calls its playbooks. Nothing of the machine is in reach but its network, whom it trusts,
and where its ``pip`` finds packages. ``clean_room.sh`` is what is done.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bed.cache import BASE_ARCHIVE, engine_root
from tests.tools.checkout import copy_files
from tests.tools.link import CHECKOUT
from tests.tools.package import build

_TRUST = Path("/etc/ssl/certs/ca-certificates.crt")
_TRUST_THERE = "/etc/machine-ca.crt"
_PIP_SETTINGS = (Path("/etc/pip.conf"), Path.home() / ".config/pip/pip.conf", Path.home() / ".pip/pip.conf")


def prepare(room: Path) -> None:
    """Put a bare Debian into the empty folder ``room``, with the checkout, the tarball and the way to the network."""
    subprocess.run(["tar", "--extract", f"--file={engine_root() / BASE_ARCHIVE}", f"--directory={room}"], check=True)
    for path in ("/etc/resolv.conf", "/etc/hosts"):
        shutil.copy(path, room / path[1:])
    shutil.copy(_TRUST, room / _TRUST_THERE[1:])
    for settings in filter(Path.is_file, _PIP_SETTINGS):
        text = settings.read_text(encoding="utf-8").replace(str(_TRUST), _TRUST_THERE)
        (room / "etc" / "pip.conf").write_text(text, encoding="utf-8")
    # No service may start in there: it would run in the machine's own network.
    policy = room / "usr/sbin/policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
    policy.chmod(0o755)
    copy_files(room / "home/stranger/ops")
    # The tools ask Git which files there are.
    subprocess.run(["git", "init", "--quiet", room / "home/stranger/ops"], check=True)
    build(CHECKOUT, room / "root")
    shutil.copy(Path(__file__).with_suffix(".sh"), room / "root")


def enter(room: Path, targets: Sequence[str]) -> int:
    """Run ``clean_room.sh`` in ``room`` and return its exit status; no process of it outlives the call."""
    # Not by chroot, in which nobody may make a user namespace, as some tests do.
    inside = (
        'mount --bind "$0" "$0" && mount --rbind /dev "$0/dev" && mount -t proc proc "$0/proc" && '
        'cd "$0" && mkdir .machine && pivot_root . .machine && '
        'umount --lazy /.machine && rmdir /.machine && exec /bin/sh /root/clean_room.sh "$@"'
    )
    environment = {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": "/root",
        "LANG": "C.UTF-8",
        "DEBIAN_FRONTEND": "noninteractive",
        "PIP_CERT": _TRUST_THERE,
        "SSL_CERT_FILE": _TRUST_THERE,
        "NODE_EXTRA_CA_CERTS": _TRUST_THERE,
    }
    command = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", inside, str(room), *targets]
    return subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, check=False).returncode


def main(targets: Sequence[str]) -> int:
    """Make a room, do it all there, remove the room, and return the exit code."""
    if os.geteuid() != 0:
        print("A clean room takes root: it is a system of its own. Run it with sudo.", file=sys.stderr)
        return os.EX_NOPERM
    # So that the room goes as it does after Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_arguments: sys.exit(128 + signal.SIGTERM))
    with tempfile.TemporaryDirectory(prefix="clean-room-", dir=CHECKOUT / "build") as folder:
        prepare(Path(folder))
        status = enter(Path(folder), targets or ["demo"])
    print("The clean room has done all of it." if status == 0 else f"The clean room ended with {status}.")
    return 1 if status else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
