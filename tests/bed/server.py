# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bed's servers: containers with systemd as their first process, reached by SSH as any provider's server is."""

from __future__ import annotations

import functools
import shlex
import tempfile
from contextlib import suppress
from dataclasses import dataclass

from tests.bed.engine import Engine
from tests.bed.process import BedError, Command, run, wait_until
from tests.bed.site import ADDRESSES, NETWORK, SUBNET, Site

# The engine within needs nearly what a real machine has. Not `--privileged`: it would also give them all
# devices of the machine. Not the machine's /sys/fs/cgroup as a volume: systemd would turn the machine's read-only.
_PRIVILEGES = (
    "--cgroupns=private",
    "--cap-add=ALL",
    "--security-opt=seccomp=unconfined",
    "--security-opt=apparmor=unconfined",
    "--security-opt=systempaths=unconfined",
    "--device-cgroup-rule=a *:* rwm",
)
_MEMORY_FILE_SYSTEMS = ("--tmpfs=/run", "--tmpfs=/run/lock", "--tmpfs=/tmp:exec")
_BOOT_LIMIT = 60.0


@dataclass(frozen=True)
class Server:
    """A server of the bed, which may or may not be up."""

    name: str
    site: Site

    @property
    def port(self) -> int:
        """Where its SSH server is reached on 127.0.0.1."""
        return self.site.ports[f"{self.name}-ssh"]

    def ssh(self, *words: str, timeout: float = 60.0, purpose: str = "", stdin: bytes | None = None) -> str:
        """Runs a command as root on the server and returns its output.

        The first call of a process makes the connection, which takes longer than most commands; the others share it.

        :param words: the command, as the server's shell is to read it: they are joined with blanks there.
        :raises BedError: if the server cannot be reached, or the command fails or takes too long.
        """
        command = [*self.ssh_command("ControlMaster=auto", *_shared(self.name)), *words]
        return run(command, purpose or f"run {words[0]} on {self.name}", timeout=timeout, stdin=stdin)

    def hang_up(self) -> None:
        """Ends the connection that `ssh` keeps: nothing tells it that the server was restarted or is another one."""
        with suppress(BedError):  # there is none
            run([*self.ssh_command(*_shared(self.name)), "-O", "exit"], f"hang up on {self.name}", timeout=10)

    def shell(self, script: str, timeout: float = 60.0) -> str:
        """Runs a shell's script as root on the server; as `ssh`."""
        return self.ssh("sh", "-c", shlex.quote(script), timeout=timeout, purpose=f"run a script on {self.name}")

    def ssh_command(self, *more: str) -> Command:
        """The beginning of each command that reaches the server, with ``more`` of SSH's options."""
        options = [f"UserKnownHostsFile={self.site.known_hosts}", "StrictHostKeyChecking=yes", "BatchMode=yes"]
        options += ["IdentitiesOnly=yes", "ConnectTimeout=10", "ServerAliveInterval=5", "LogLevel=ERROR"]
        command: Command = ["ssh", "-F", "none", "-i", self.site.key, "-p", str(self.port)]
        return [*command, *(word for option in [*options, *more] for word in ("-o", option)), "root@127.0.0.1"]


def _shared(name: str) -> tuple[str, str]:
    return f"ControlPath={_sockets().name}/{name}", "ControlPersist=20"


@functools.cache
def _sockets() -> tempfile.TemporaryDirectory[str]:
    # Of this process alone, and short, as the path of a socket has to be.
    return tempfile.TemporaryDirectory(prefix="bed-ssh-")


def ensure_network(engine: Engine) -> None:
    """Makes the network that joins all parts of the bed, if it is not there."""
    if NETWORK not in engine.docker("network", "ls", "--format={{.Name}}").split():
        engine.docker("network", "create", f"--subnet={SUBNET}", NETWORK, purpose="make the bed's network")


def is_running(engine: Engine, name: str) -> bool:
    """Whether the container of that name runs."""
    return name in engine.docker("ps", f"--filter=name=^{name}$", "--format={{.Names}}").split()


def start(engine: Engine, server: Server, *, with_engine: bool) -> None:
    """Boots a server, if it is not up, and returns when systemd has started all and SSH answers.

    :param with_engine: whether Docker is installed on it.
    :raises BedError: if it does not come up in time.
    """
    server.hang_up()
    if not is_running(engine, server.name):
        remove(engine, server.name)
        command = [
            *("run", "--detach", f"--name={server.name}", f"--hostname={server.name}"),
            *("--restart=no", f"--network={NETWORK}", f"--ip={ADDRESSES[server.name]}"),
            *(*_PRIVILEGES, *_MEMORY_FILE_SYSTEMS, *server.site.publishing(server.name)),
            # The nested engine's layers cannot lie on the outer one's.
            f"--volume=/store/run/{server.name}:/var/lib/docker",
            "--volume=/bed/ssh/id_ed25519.pub:/bed/authorized_keys:ro",
            "--volume=/bed/trust:/bed/trust:ro",
            "bed/server-engine" if with_engine else "bed/server",
        ]
        engine.docker(*command, purpose=f"start the server {server.name}")
    wait_until(lambda: _not_booted(engine, server), f"boot the server {server.name}", _BOOT_LIMIT)
    # On a busy machine the engine sometimes fails to start a program in a container, and can the next time.
    wait_until(lambda: _learn_host_key(engine, server), f"learn the host key of the server {server.name}", 20)
    wait_until(lambda: _no_ssh(server), f"reach the server {server.name} by SSH", 20)


def remove(engine: Engine, name: str) -> None:
    """Removes a container with all that is only its own; fine if there is none."""
    engine.docker("rm", "--force", "--volumes", name, purpose=f"remove {name}")


def reinstall(engine: Engine, server: Server) -> None:
    """Makes the server a bare one again, as its provider's installer does.

    :raises BedError: if it does not come up in time.
    """
    remove(engine, server.name)
    # What its engine kept would be there again.
    volume = f"--volume=/store/run/{server.name}:/old"
    engine.docker("run", "--rm", volume, "bed/server", "find", "/old", "-mindepth", "1", "-delete", timeout=120)
    start(engine, server, with_engine=False)


def _not_booted(engine: Engine, server: Server) -> str | None:
    # It ends with 1 while it starts, and also when a unit has failed: the word tells, not the code.
    state = engine.docker("exec", server.name, "sh", "-c", "systemctl is-system-running || true", timeout=10).strip()
    if state == "degraded":
        failed = engine.docker("exec", server.name, "systemctl", "--failed", "--plain", "--no-legend", timeout=10)
        return f"units have failed: {failed.strip()}"
    return None if state == "running" else f"systemd says {state or 'nothing'}"


def obstacle(engine: Engine, server: Server) -> str | None:
    """What is missing until the server is ready; None if nothing is."""
    return _not_booted(engine, server) or _no_ssh(server)


def _no_ssh(server: Server) -> str | None:
    server.ssh("true", timeout=15)
    return None


def _learn_host_key(engine: Engine, server: Server) -> str | None:
    key = engine.docker("exec", server.name, "cat", "/etc/ssh/ssh_host_ed25519_key.pub").split()[:2]
    host = f"[127.0.0.1]:{server.port}"
    file = server.site.known_hosts
    known = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    lines = [line for line in known if not line.startswith(f"{host} ")]
    file.write_text("\n".join([*lines, " ".join([host, *key]), ""]), encoding="utf-8")
    return None
