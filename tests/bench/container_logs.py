# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Containers that write without end: ``python -m tests.bench.container_logs [--written MIB] [--read MIB]``.

Two containers under the limits of rotate_logs write 500 MiB each, and the disk is looked at meanwhile. Another one,
without limits, leaves a log of 1 GiB: container_log_info reads it, beside what people do, docker logs and grep, twice:
once for errors, once for warnings. It needs the bed (``make bed``) and leaves it as it was. The result goes to standard
output, and as JSON to build/bench-container-logs.json. The exit status is 0 only if all limits hold.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bed.bed import Bed
from tests.bed.process import wait_until
from tests.bed.server import Server
from tests.bench.bench import MIB
from tests.bench.contest import Contender, compete, say
from tests.bench.measure import Sample
from tests.bench.rows import Row, table
from tests.e2e.player import Player
from tests.tools.link import CHECKOUT

_RESULT = CHECKOUT / "build" / "bench-container-logs.json"
_PROJECT = "noise"
_FOLDER = f"/opt/{_PROJECT}"
_LARGE = f"{_PROJECT}-large"
_PEAK = f"{_FOLDER}/peak"
_PYTHON = f"{_FOLDER}/python"
_SPEAKERS = ("one", "two")
#: The limits of the role: five files of 10 MB; a sixth is there while the oldest is being removed or compressed.
_FILES, _FILE = 5, 10 * 1000 * 1000
_MEMORY = 150.0
_TIME_LIMIT = 900.0
# As an API writes them, by pino. $BYTES is how much it writes, in all, of what Docker then wraps.
_SPEAK = """
const fs = require('node:fs');
const wait = () => fs.existsSync('/tmp/go') ? speak() : setTimeout(wait, 200);
let written = 0, number = 0;
const speak = () => {
  while (written < Number(process.env.BYTES)) {
    number += 1;
    const line = JSON.stringify({ level: number % 100 ? 30 : 50, time: Date.now(), pid: 1, reqId: 'req-' + number,
      url: '/webhook/whatsapp', msg: 'request ' + number + ' completed in ' + number % 97 + ' ms' }) + '\\n';
    written += line.length;
    if (!process.stdout.write(line)) return process.stdout.once('drain', speak);
  }
  fs.writeFileSync('/tmp/done', String(number));
};
wait();
setInterval(() => {}, 1e6);
"""
# Runs the module by the collection's own Python, and leaves the peak of its memory behind, in KiB.
_WRAPPER = f"""#!/opt/chatbot-ops/venv/bin/python
import resource, subprocess, sys
status = subprocess.run(["/opt/chatbot-ops/venv/bin/python", *sys.argv[1:]]).returncode
open("{_PEAK}", "w").write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(status)
"""
_LOOK = f"""---
- hosts: production
  gather_facts: false
  vars:
    ansible_python_interpreter: {_PYTHON}
  tasks:
    - chatbot.ops.container_log_info:
        project: {_PROJECT}
        services: [large]
        since: 1d
        reader: files
"""


class _Noise:
    """What writes on the production server."""

    def __init__(self, server: Server, player: Player, folder: Path) -> None:
        self._server, self._player = server, player
        self._playbook = folder / "look.yml"
        self._playbook.write_text(_LOOK, encoding="utf-8")
        self.errors: set[int] = set()

    def disk_under_limits(self, mebibytes: int) -> int:
        """Let the containers write, and return the most that the logs of one took on the disk, in bytes."""
        self._player.must(
            "rotate_logs",
            target="production",
            log_rotation_project=_PROJECT,
            log_rotation_directory=_FOLDER,
            log_rotation_engine=False,
            log_rotation_nginx=False,
            log_rotation_journal=False,
            log_rotation_recreate=True,
        )
        say(f"Two containers write {mebibytes} MiB each")
        containers = [f"{_PROJECT}-{each}-1" for each in _SPEAKERS]
        for each in containers:
            self._server.ssh("docker", "exec", each, "touch", "/tmp/go")
        most = 0
        begun = time.monotonic()
        while not all(self._is_done(each) for each in containers):
            most = max(most, *map(self._on_disk, containers))
            if time.monotonic() - begun > _TIME_LIMIT:
                raise TimeoutError(f"the containers did not write {mebibytes} MiB in {_TIME_LIMIT:.0f} s")
            time.sleep(0.5)
        return max(most, *map(self._on_disk, containers))

    def write_a_large_log(self, mebibytes: int) -> int:
        """Leave a log of that size, and return how many errors it has."""
        say(f"A container writes {mebibytes} MiB")
        self._server.ssh("docker", "exec", _LARGE, "touch", "/tmp/go")
        wait_until(lambda: None if self._is_done(_LARGE) else "it still writes", "let it write", _TIME_LIMIT)
        return int(self._server.ssh("docker", "exec", _LARGE, "cat", "/tmp/done")) // 100

    def look(self) -> Sample:
        """Read it by the module: the time is its own, as that of the others is theirs, without the way there."""
        done = self._player.must(self._playbook).result("container_log_info")
        self.errors.add(done["containers"][0]["error_count"])
        return Sample(done["duration_seconds"], 0.0, int(self._server.ssh("cat", _PEAK)) / 1024)

    def grep_twice(self) -> Sample:
        """Read it as people do."""
        script = (
            f"for word in error warn; do docker logs --since 24h {_LARGE} 2>&1 | grep --count -i $word || true; done"
        )
        begun = time.monotonic()
        self._server.shell(script, _TIME_LIMIT)
        return Sample(time.monotonic() - begun, 0.0)

    def _is_done(self, container: str) -> bool:
        return "done" in self._server.ssh("docker", "exec", container, "ls", "/tmp").split()

    def _on_disk(self, container: str) -> int:
        """Return the bytes of all files of its log, also while they are renamed."""
        identity = self._server.ssh("docker", "inspect", "--format={{.Id}}", container).strip()
        script = f"cat /var/lib/docker/containers/{identity}/*-json.log* 2>/dev/null | wc -c"
        return int(self._server.shell(script))


@contextmanager
def _noise(bed: Bed, folder: Path, limited: int, large: int) -> Iterator[_Noise]:
    """Make the project whose containers write when they are told to; it is gone afterwards."""
    server, player = bed.production, Player(bed.site)
    player.must("install_toolchain", target="production")
    image = server.shell("docker inspect --format '{{.Config.Image}}' lottery-chatbot-api-1").strip()
    speaker = {"image": image, "entrypoint": ["node", "/speak.cjs"], "volumes": [f"{_FOLDER}/speak.cjs:/speak.cjs:ro"]}
    services = {each: {**speaker, "environment": {"BYTES": str(limited * MIB)}} for each in _SPEAKERS}
    server.ssh("mkdir", "-p", _FOLDER)
    for path, text in {
        f"{_FOLDER}/compose.yml": json.dumps({"name": _PROJECT, "services": services}),
        f"{_FOLDER}/speak.cjs": _SPEAK,
        _PYTHON: _WRAPPER,
    }.items():
        server.shell(f"cat > {path} <<'END'\n{text}\nEND")
    server.ssh("chmod", "0755", _PYTHON)
    labels = f"--label=com.docker.compose.project={_PROJECT} --label=com.docker.compose.service=large"
    try:
        server.shell(f"docker compose --project-directory {_FOLDER} up --detach --quiet-pull", 120)
        server.shell(
            f"docker run --detach --name={_LARGE} {labels} --log-driver=json-file --log-opt=max-size=100g "
            f"--env=BYTES={large * MIB} --volume={_FOLDER}/speak.cjs:/speak.cjs:ro --entrypoint=node {image} /speak.cjs"
        )
        yield _Noise(server, player, folder)
    finally:
        server.shell(f"docker rm --force --volumes {_LARGE}; docker compose --project-directory {_FOLDER} down", 120)
        server.ssh("rm", "-rf", _FOLDER)


def main() -> int:
    """Measure and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.container_logs", description=__doc__)
    parser.add_argument("--written", type=int, default=500, help="MiB that each limited container writes (500)")
    parser.add_argument("--read", type=int, default=1024, help="MiB of the log that is read (1024)")
    parser.add_argument("--runs", type=int, default=2, help="how often it is read (2)")
    options = parser.parse_args()
    # So that what writes goes as it does after Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_arguments: sys.exit(128 + signal.SIGTERM))
    bed = Bed()
    with (
        tempfile.TemporaryDirectory(prefix="chatbot-ops-bench-logs-") as folder,
        _noise(bed, Path(folder), options.written, options.read) as noise,
    ):
        most = noise.disk_under_limits(options.written)
        errors = noise.write_a_large_log(options.read)
        ours, other = compete(
            [Contender("container_log_info", noise.look), Contender("docker logs and grep, twice", noise.grep_twice)],
            options.runs,
        )
    rows = [
        Row("the logs of a container on the disk, at most", most / MIB, _FILES * _FILE / MIB, "allowed", "MiB", 1.0),
        Row(f"a log of {options.read} MiB", ours.seconds, other.seconds, other.name, "s", 1.0),
        Row(f"a log of {options.read} MiB: peak memory", ours.own, _MEMORY, "allowed", "MiB", 1.0),
        Row("errors found in it", max(noise.errors), errors, "written", "", 1.0),
    ]
    if noise.errors != {errors}:
        say(f"container_log_info found {sorted(noise.errors)} errors where {errors} were written")
        return 1
    _RESULT.parent.mkdir(exist_ok=True)
    _RESULT.write_text(json.dumps([row.to_document() for row in rows], indent=2) + "\n", encoding="utf-8")
    print(table(rows))
    return 0 if all(row.ok for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
