# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The time to rebuild a lost server, beside that of the same steps by hand: ``python -m tests.bench.rebuild [--runs N]``.

It needs the bed (``make bed``), and leaves it as it was: the replacement is bare again, and the production server goes on.
That one stands still while each way takes its time: a lost server uses none of the processors that bring it back. Ours
verifies all that it restores, and asks the old server whether it is gone; the other does neither. The result goes to
standard output, and as JSON to build/bench-rebuild.json. The exit status is 0 only if ours is not slower.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.bed import server as servers
from tests.bed import stack
from tests.bed.bed import Bed
from tests.bed.process import Command, wait_until
from tests.bed.server import Server
from tests.bed.site import PROJECT, TRUST_OF_SERVERS, bucket, s3_from_here
from tests.bench.contest import Contender, compete, say
from tests.bench.measure import BenchError, Sample
from tests.bench.rows import Row, table
from tests.e2e.player import Player
from tests.tools.link import CHECKOUT, COLLECTIONS

_RESULT = CHECKOUT / "build" / "bench-rebuild.json"
_BY_HAND = Path(__file__).with_name("by_hand.sh")
_LIMIT = 600.0
_CLOSED_PORT = 9


@dataclass
class Lost:
    """A stack whose server is lost, as far as the two ways to rebuild it can tell, and an empty one to rebuild it on."""

    bed: Bed
    folder: Path
    phases: list[Mapping[str, float]]

    @property
    def inventory(self) -> Path:
        """The bed's inventory, but that nobody answers where production is."""
        return self.folder / "inventory.yml"

    def back_up(self) -> None:
        """Takes the backups of both ways from the production server."""
        site = self.bed.site
        document = yaml.safe_load(site.inventory.read_text("utf-8"))
        document["chatbot_stacks"]["hosts"]["production"]["ansible_port"] = _CLOSED_PORT
        self.inventory.write_text(yaml.safe_dump(document), encoding="utf-8")
        player = Player(site)
        player.must("install_toolchain", target="production")
        player.must("backup_stack", backup_max_age="", backup_repositories=[self._repository("https://s3.bed:8333")])
        for name, script in {
            "project.tar.gz": f"tar -czf - -C {stack.PROJECT_FOLDER} .",
            # 1: a file has changed under its hands. Who works by hand goes on.
            "n8n_data.tar.gz": f"tar -czf - -C {stack.VOLUME_FOLDER} . || test $? -eq 1",
            "database.sql.gz": f"docker exec {PROJECT}-postgres-1 pg_dump --clean --if-exists --username=postgres "
            f"{stack.DATABASE} | gzip",
        }.items():
            with (self.folder / name).open("wb") as file:
                subprocess.run([*self.bed.production.ssh_command(), script], stdout=file, check=True, timeout=_LIMIT)

    def bare(self) -> None:
        """Makes the replacement an empty server."""
        servers.reinstall(self.bed.engine, self.bed.replacement)

    def ours(self) -> Sample:
        """Rebuilds by the runbook."""
        recoveries = Path(tempfile.mkdtemp(dir=self.folder))
        here = {**self._repository(s3_from_here(self.bed.site)), "ca_bundle": str(self.bed.site.authority)}
        variables = {
            "target": "production",
            "rebuild_replacement": "replacement",
            "rebuild_confirm": PROJECT,
            "rebuild_old_server": "gone",
            "rebuild_dns": False,
            "rebuild_repositories": [self._repository("https://s3.bed:8333")],
            "rebuild_controller_repositories": [here],
            "rebuild_folder": str(recoveries),
        }
        given = self.folder / "variables.json"
        given.write_text(json.dumps(variables), encoding="utf-8")
        words = [str(Path(sys.executable).with_name("ansible-playbook")), f"--inventory={self.inventory}"]
        sample = self._run([*words, f"--extra-vars=@{given}", "chatbot.ops.rebuild_server"])
        (record,) = recoveries.glob("rebuild-*.json")
        self.phases.append(json.loads(record.read_text("utf-8"))["phases"])
        return sample

    def by_hand(self) -> Sample:
        """Rebuilds by the script."""
        return self._run(["sh", str(_BY_HAND), str(self.folder), *map(str, self.bed.replacement.ssh_command())])

    def check(self) -> None:
        """Sees that what was rebuilt has all that the stack has."""
        if stack.health(self.bed.replacement) != dict.fromkeys(stack.SERVICES, "healthy"):
            raise BenchError(f"The rebuilt stack is not healthy: {stack.health(self.bed.replacement)}")
        tables = "SELECT count(*) FROM system_logs"
        counts = [stack.psql(each, tables).strip() for each in (self.bed.production, self.bed.replacement)]
        if counts[0] != counts[1]:
            raise BenchError(f"The rebuilt database has {counts[1]} rows of the {counts[0]} in system_logs")

    def _repository(self, endpoint: str) -> dict[str, Any]:
        return {**bucket(self.bed.site, endpoint, TRUST_OF_SERVERS), "prefix": "bench"}

    def _run(self, command: Command) -> Sample:
        environment = {
            **os.environ,
            "ANSIBLE_CONFIG": str(CHECKOUT / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        }
        self.bed.engine.docker("pause", self.bed.production.name)
        try:
            begun = time.monotonic()
            done = subprocess.run(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=_LIMIT,
                check=False,
            )
            seconds = time.monotonic() - begun
        finally:
            self.bed.engine.docker("unpause", self.bed.production.name)
        if done.returncode != 0:
            raise BenchError(f"{command[0]} failed: {done.stdout[-4000:]}")
        self.check()
        return Sample(seconds, 0.0)


def main() -> int:
    """Measure and return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.rebuild", description="Compare us with a shell script."
    )
    parser.add_argument("--runs", type=int, default=1, help="how many rounds (1)")
    options = parser.parse_args()
    bed = Bed()
    folder = Path(tempfile.mkdtemp(prefix="chatbot-ops-bench-rebuild-"))
    lost = Lost(bed, folder, [])
    try:
        lost.back_up()
        ours, other = compete(
            [Contender("ours", lost.ours, lost.bare), Contender("by hand", lost.by_hand, lost.bare)],
            options.runs,
        )
    except BenchError as error:
        say(f"Not measured to the end: {error}")
        return 1
    finally:
        _tidy_up(bed.replacement, bed)
        shutil.rmtree(folder)
    row = Row("a lost server, until the stack is healthy", ours.seconds, other.seconds, other.name, "s", 1.0)
    _RESULT.parent.mkdir(exist_ok=True)
    _RESULT.write_text(json.dumps({**row.to_document(), "phases": lost.phases}, indent=2) + "\n", encoding="utf-8")
    print(table([row]))
    for phases in lost.phases:
        print("phases: " + ", ".join(f"{name} {seconds:.1f} s" for name, seconds in phases.items()))
    return 0 if row.ok else 1


def _tidy_up(replacement: Server, bed: Bed) -> None:
    servers.reinstall(bed.engine, replacement)
    wait_until(lambda: stack.obstacle(bed.production), "see the production server as it was", 60)


if __name__ == "__main__":
    sys.exit(main())
