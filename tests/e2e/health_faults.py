# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Faults of the production server: how to do and undo each, and what is to be found then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.bed import stack
from tests.bed.site import PROJECT

#: What the tests put on the server, and the Python there that has the libraries.
FOLDER = "/run/bed-health"
PYTHON = "/opt/chatbot-ops/venv/bin/python"
# A container of the stack, from the image that the server has: `run_container NAME OPTIONS -- PROGRAM`.
CONTAINER = (
    "IMAGE=$(docker inspect --format '{{.Config.Image}}' " + f"{PROJECT}-api-1); "
    f"run() {{ name=$1; shift; docker run --detach --name=bed-$name --label=com.docker.compose.project={PROJECT} "
    '--label=com.docker.compose.service=$name --entrypoint=node "$@"; }; '
)


@dataclass(frozen=True)
class Fault:
    """Shell scripts that do and undo it, what is to be found, what may follow from it, and what else a look is told.

    ``environment`` is what the look runs in; ``image`` tells whether the scripts start a container of the stack's image.
    """

    inject: str
    recover: str
    wanted: Mapping[str, str]
    follows: frozenset[str] = frozenset()
    more: Mapping[str, Any] = field(default_factory=dict)
    image: bool = False
    environment: tuple[str, ...] = ()


_FULL = "/run/bed-health-full"
_UNMOUNT = f"umount {_FULL}; rmdir {_FULL}"
_MOUNTS = {"mounts": ["/", _FULL]}
_UNKNOWN_DATABASE = dict.fromkeys(
    (
        *("database.size", "database.connections", "database.locks", "database.bloat", "database.transaction_age"),
        *("database.replication", "database.archiving", "database.extensions"),
    ),
    "unknown",
)
_LOCK = (
    f"docker exec -d {PROJECT}-postgres-1 psql -U postgres lottery -c"
    " 'BEGIN; CREATE TABLE IF NOT EXISTS bed_health (id int); LOCK TABLE bed_health; SELECT pg_sleep(600)';"
)
_ALLOCATE = "const a=[];setInterval(()=>a.push(Buffer.alloc(4e6,1)),20)"
_HOLD = "const a=[];for(let i=0;i<22;i++)a.push(Buffer.alloc(4e6,1));setInterval(()=>a.length,1e6)"
_DATABASE_ADDRESS = (
    "$(docker inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' " + f"{PROJECT}-postgres-1)"
)
_PASSWORD = f"$(docker exec {PROJECT}-postgres-1 printenv POSTGRES_PASSWORD)"
_FAILED = """
import sqlite3, sys
connection = sqlite3.connect("/var/lib/docker/volumes/n8n_data/_data/database.sqlite", timeout=30)
with connection:
    if sys.argv[1] == "fail":
        for _number in range(6):
            connection.execute(
                "INSERT INTO execution_entity (workflowId, finished, mode, status, createdAt, startedAt, stoppedAt)"
                " SELECT id, 0, 'webhook', 'error', datetime('now'), datetime('now'), '2000-01-01 00:00:00'"
                " FROM workflow_entity LIMIT 1"
            )
    else:
        connection.execute("DELETE FROM execution_entity WHERE stoppedAt = '2000-01-01 00:00:00'")
"""

_PSQL = f"docker exec {PROJECT}-postgres-1 psql -U postgres --quiet --command"
_RESTART_DATABASE = (
    f"docker restart --time=5 {PROJECT}-postgres-1 && for i in $(seq 60);"
    f" do docker exec {PROJECT}-postgres-1 pg_isready -U postgres && break; sleep 0.5; done"
)
# A container has the machine's clock, which is none of ours to turn. So it is the look that reads a wrong one, by a library
# that is taken out of its package and installed nowhere; what the kernel says of the clock stays true.
_WRONG_CLOCK = "/opt/bed-wrong-clock"
_FETCH_WRONG_CLOCK = (
    f"mkdir -p {_WRONG_CLOCK}/lists/partial && cd {_WRONG_CLOCK} &&"
    ' apt() { apt-get -qq -o Dir::State::lists=$PWD/lists -o APT::Sandbox::User=root "$@"; }; apt update &&'
    " apt download libfaketime && dpkg-deb --extract libfaketime_*.deb . && cp usr/lib/*/faketime/libfaketime.so.1 wrong.so"
)

QUICK: dict[str, Fault] = {
    "api down": Fault(
        f"docker stop --time=1 {PROJECT}-api-1",
        f"docker start {PROJECT}-api-1",
        {"api.bot.status": "critical", "container.api.running": "critical"},
        frozenset({"container.nginx.health", "container.api.health"}),
    ),
    "disk at 95 %": Fault(
        f"mkdir {_FULL} && mount -t tmpfs -o size=10m none {_FULL} && head -c 9961472 /dev/zero > {_FULL}/a",
        _UNMOUNT,
        {f"disk.{_FULL}.bytes": "critical"},
        more=_MOUNTS,
    ),
    "inodes full": Fault(
        f"mkdir {_FULL} && mount -t tmpfs -o nr_inodes=100 none {_FULL}; i=0;"
        f" while touch {_FULL}/$i 2>/dev/null; do i=$((i + 1)); done",
        _UNMOUNT,
        {f"disk.{_FULL}.inodes": "critical"},
        more=_MOUNTS,
    ),
    "reboot required": Fault("touch /run/reboot-required", "rm /run/reboot-required", {"updates.reboot": "warning"}),
    "clock kept by nobody": Fault(
        "systemctl stop chrony.service", "systemctl start chrony.service", {"time.ntp": "warning"}
    ),
    "container unhealthy": Fault(
        "run ill --health-cmd=false --health-interval=1s --health-retries=1 $IMAGE --eval 'setInterval(()=>0,1e6)'",
        "docker rm --force bed-ill",
        {"container.ill.health": "critical"},
        image=True,
    ),
    "transactions too old": Fault(
        "true",
        "true",
        {"database.transaction_age": "warning"},
        more={"limits": {"transaction_age": {"warning": 1}}},
    ),
}
THOROUGH: dict[str, Fault] = {
    "database down": Fault(
        f"docker stop --time=5 {PROJECT}-postgres-1",
        f"docker start {PROJECT}-postgres-1",
        {"database.connect": "critical", "container.postgres.running": "critical", **_UNKNOWN_DATABASE},
        frozenset({"api.bot.*", "container.*"}),
    ),
    "n8n not ready": Fault(
        f"docker top {PROJECT}-n8n-1 -eo pid | tail -n +2 | xargs kill -STOP",
        f"docker top {PROJECT}-n8n-1 -eo pid | tail -n +2 | xargs kill -CONT",
        {"n8n.readiness": "critical"},
        frozenset({"container.n8n.health", "container.nginx.health"}),
    ),
    "container loops": Fault(
        "run loop --restart=always $IMAGE --eval 'process.exit(3)'",
        "docker rm --force bed-loop",
        {"container.loop.restarts": "critical"},
        frozenset({"container.loop.running"}),
        image=True,
    ),
    "container killed for want of memory": Fault(
        f"run hungry --memory=60m --memory-swap=60m $IMAGE --eval '{_ALLOCATE}'",
        "docker rm --force bed-hungry",
        {"container.hungry.memory": "critical", "container.hungry.running": "critical", "server.oom": "warning"},
        image=True,
    ),
    "container near its memory": Fault(
        f"run full --memory=140m --memory-swap=140m $IMAGE --eval '{_HOLD}'",
        "docker rm --force bed-full",
        {"container.full.memory": "warning"},
        more={"limits": {"container_memory": {"warning": 60, "critical": 200}}},
        image=True,
    ),
    "memory of the server": Fault(
        "true", "true", {"server.memory": "critical"}, more={"limits": {"memory": {"warning": 0.1, "critical": 0.2}}}
    ),
    "load of the server": Fault(
        "true", "true", {"server.load": "critical"}, more={"limits": {"load": {"warning": 0, "critical": 0}}}
    ),
    "image older than its tag": Fault(
        "docker image inspect --format '{{.Id}}' $IMAGE > /run/bed-health-image;"
        f" docker tag $(docker inspect --format '{{{{.Image}}}}' {PROJECT}-postgres-1) $IMAGE",
        "docker tag $(cat /run/bed-health-image) $IMAGE; rm /run/bed-health-image",
        {"container.api.image": "warning"},
        image=True,
    ),
    "connections near the limit": Fault(
        f"cat > {FOLDER}/greedy.py <<'END'\nimport os, sys, time, psycopg2\n"
        "held = [psycopg2.connect(host=sys.argv[1], user='postgres', dbname='lottery',"
        " password=os.environ['WORD']) for _number in range(int(sys.argv[2]))]\ntime.sleep(600)\nEND\n"
        f"COUNT=$(docker exec {PROJECT}-postgres-1 psql -U postgres -Atc"
        " \"SELECT (current_setting('max_connections')::int - 3) * 88 / 100 - count(*) FROM pg_stat_activity"
        " WHERE backend_type = 'client backend'\")\n"
        f"WORD={_PASSWORD} setsid {PYTHON} {FOLDER}/greedy.py {_DATABASE_ADDRESS} $COUNT </dev/null >/dev/null 2>&1 &"
        f" echo $! > {FOLDER}/greedy.pid",
        f"kill $(cat {FOLDER}/greedy.pid)",
        {"database.connections": "warning"},
    ),
    "long lock": Fault(
        f"docker exec {PROJECT}-postgres-1 psql -U postgres lottery -c 'CREATE TABLE bed_health (id int)';"
        f" {_LOCK} sleep 2; docker exec -d {PROJECT}-postgres-1 psql -U postgres lottery -c 'SELECT * FROM bed_health'",
        f'docker exec {PROJECT}-postgres-1 psql -U postgres lottery -c "SELECT pg_terminate_backend(pid)'
        " FROM pg_stat_activity WHERE query LIKE '%bed_health%' AND pid <> pg_backend_pid()\";"
        f" docker exec {PROJECT}-postgres-1 psql -U postgres lottery -c 'DROP TABLE bed_health'",
        {"database.locks": "warning"},
        more={"limits": {"locks": {"warning": "1s", "critical": None}}},
    ),
    "clock off": Fault(
        _FETCH_WRONG_CLOCK,
        f"rm -r {_WRONG_CLOCK}",
        {"time.sync": "critical"},
        environment=(f"LD_PRELOAD={_WRONG_CLOCK}/wrong.so", "FAKETIME=+5m", "FAKETIME_DONT_FAKE_MONOTONIC=1"),
    ),
    "log that cannot be archived": Fault(
        f"{_PSQL} 'ALTER SYSTEM SET archive_mode = on' && {_PSQL} \"ALTER SYSTEM SET archive_command = 'false'\" &&"
        f" {_RESTART_DATABASE}; {_PSQL} 'SELECT pg_switch_wal()'",
        f"{_PSQL} 'ALTER SYSTEM RESET archive_mode' && {_PSQL} 'ALTER SYSTEM RESET archive_command' &&"
        f" {_RESTART_DATABASE}; {_PSQL} \"SELECT pg_stat_reset_shared('archiver')\"",
        {"database.archiving": "critical"},
    ),
    "log whose archive hangs": Fault(
        f"{_PSQL} 'ALTER SYSTEM SET archive_mode = on' && {_PSQL} \"ALTER SYSTEM SET archive_command = 'sleep 600'\" &&"
        f" {_RESTART_DATABASE}; {_PSQL} 'SELECT pg_switch_wal()'",
        f"{_PSQL} 'ALTER SYSTEM RESET archive_mode' && {_PSQL} 'ALTER SYSTEM RESET archive_command' &&"
        f" {_RESTART_DATABASE}",
        {"database.archiving": "warning"},
        more={"limits": {"archiving": {"warning": 2, "critical": 600}}},
    ),
    "log that nobody fetches": Fault(
        f"{_PSQL} \"SELECT pg_create_physical_replication_slot('bed_health', true)\" &&"
        f" {_PSQL} 'CREATE TABLE bed_log AS SELECT repeat(md5(n::text), 40) FROM generate_series(1, 20000) AS n' &&"
        f" {_PSQL} 'DROP TABLE bed_log'",
        f"{_PSQL} \"SELECT pg_drop_replication_slot('bed_health')\"",
        {"database.replication": "warning"},
    ),
    "failed executions": Fault(
        f"python3 - fail <<'END'\n{_FAILED}\nEND",
        f"python3 - mend <<'END'\n{_FAILED}\nEND",
        {"n8n.failed_executions": "warning"},
    ),
    "service without a container": Fault(
        "true",
        "true",
        {"container.worker.running": "critical"},
        more={"services": [*stack.SERVICES, "worker"]},
    ),
}
