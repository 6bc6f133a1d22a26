# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples in the modules' documentation run as they stand there, but for addresses, folders and names.

What needs Docker, root, a distribution or somebody else's service does not run here; each of these modules runs in other
tests, which ``ELSEWHERE`` names. ``tests/unit/meta/test_examples.py`` has all of them accepted by their module.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.examples import Example, mapped, module_examples
from tests.support.role_play import RolePlay, play
from tests.support.s3_server import S3Server, SeaweedServer
from tests.support.stack import STACK, SampleStack

# In an order in which each finds what it needs: a module, or one of its examples by its place (from 0).
RUN: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("n8n_volume_backup", (0, 2)),
    ("pg_dump", (0, 1)),
    ("backup_info", (0, 1)),
    ("backup_verify", (0, 1)),
    ("backup_copy", (0, 1)),
    ("backup_runbook", (0,)),
    ("repository_check", (0,)),
    ("config_restore", (0, 1)),
    ("n8n_volume_restore", (0, 2)),
    ("pg_restore", (0, 1)),
    ("log_archive", (0, 1)),
    ("log_restore", (1,)),
    ("backup_prune", (0, 1)),
    ("health_report", (0, 1, 2)),
    ("health_fleet", (0,)),
    ("recovery_journal", (0, 1)),
)
# Where the modules of the others run for real.
ELSEWHERE = {
    "apt_upgrade": "tests/e2e/test_system_update.py",
    "compose_quarantine": "tests/e2e/test_rehearsal.py",
    "config_backup": "tests/e2e/test_recovery_page.py",
    "container_log_info": "tests/e2e/test_logs.py",
    "dns_record_info": "tests/integration/test_dns.py",
    "heartbeat": "tests/integration/test_heartbeat.py",
    "image_update_info": "tests/e2e/test_updates.py",
    "log_archive": "tests/e2e/test_logs.py",
    "log_restore": "tests/integration/test_logs.py",
    "n8n_volume_backup": "tests/e2e/test_backup.py",
    "n8n_volume_restore": "tests/e2e/test_backup.py",
    "notification": "tests/integration/test_notify.py",
    "npm_dependency_info": "tests/integration/test_npm.py",
    "npm_fix_patch": "tests/integration/test_npm.py",
    "pg_dump": "tests/integration/test_supabase.py",
    "pg_restore": "tests/integration/test_supabase.py",
    "pg_schema_info": "tests/e2e/test_update.py",
    "pg_setting": "tests/integration/test_whatsapp_guard.py",
    "repository_check": "tests/integration/test_s3.py",
    "schedule_info": "tests/e2e/test_schedule.py",
    "stack_health_info": "tests/integration/test_health.py",
    "stack_rollout": "tests/e2e/test_update.py",
    "supabase_backup_info": "tests/integration/test_supabase.py",
    "supabase_restore": "tests/integration/test_supabase.py",
    "system_log_info": "tests/integration/test_log_review.py",
    "system_restart_info": "tests/e2e/test_system_update.py",
    "uptime_monitor": "tests/integration/test_uptime.py",
    "uptime_monitor_info": "tests/integration/test_uptime.py",
    "whatsapp_number_info": "tests/integration/test_whatsapp_guard.py",
}
SCRATCH = "lottery_last_week"
ROOT = Path(__file__).parents[2]


def by_module() -> dict[str, list[Example]]:
    found: dict[str, list[Example]] = {}
    for example in module_examples():
        found.setdefault(example.of, []).append(example)
    return found


def test_each_example_runs_here_or_its_module_runs_elsewhere() -> None:
    here = dict(RUN)
    left = {name for name, examples in by_module().items() if len(here.get(name, ())) < len(examples)}
    assert left == set(ELSEWHERE)
    for name, path in ELSEWHERE.items():
        assert (ROOT / path).is_file(), name


@pytest.fixture(scope="module")
def s3() -> Iterator[S3Server]:
    with SeaweedServer() as running:
        yield running


@pytest.fixture
def played(stack: SampleStack, s3: S3Server, tmp_path: Path) -> Iterator[RolePlay]:
    """Run them all, one after the other, on this machine."""
    login = stack.server.connection(stack.database)
    places = {
        "/srv/backups": str(stack.backups),
        "/mnt/nas/backups": str(tmp_path / "nas"),
        "/home/node/.n8n": str(stack.n8n),
        "/tmp/last-week": str(tmp_path / "last-week"),
        "/var/lib/prometheus/node-exporter/": f"{tmp_path / 'node-exporter'}/",
        "https://s3.example.org": s3.url,
        "127.0.0.1": login["host"],
        "postgres": login["user"],
        "lottery": stack.database,
        # All that there is was made just now.
        "2026-11-17T03:00:00+00:00": "2999-01-01T00:00:00Z",
    }

    def here(value: Any) -> Any:
        value = value.isoformat() if hasattr(value, "isoformat") else value
        return places.get(value, value) if isinstance(value, str) else value

    examples = by_module()
    tasks = [mapped(examples[name][place].task, here) for name, wanted in RUN for place in wanted]
    for folder in ("nas", "last-week", "node-exporter", "reports", "etc"):
        (tmp_path / folder).mkdir()
    (tmp_path / "etc" / "nginx.conf").write_text("events {}\n", encoding="utf-8")
    (tmp_path / "reports" / f"runbook-{STACK}.en.md").write_text("# Runbook\n", encoding="utf-8")
    # The example of config_backup has a project of Docker Compose; this takes its place.
    before = {
        "name": "Back up files",
        "chatbot.ops.config_backup": {
            "stack": STACK,
            "repository": {"path": str(stack.backups)},
            "paths": [str(tmp_path / "etc")],
        },
    }
    inventory = {"chatbot_stacks": {"hosts": {"bot": {"chatbot_stack": {"name": STACK}}}}}
    variables = {
        "ansible_connection": "local",
        "ansible_python_interpreter": sys.executable,
        "vault_postgres_password": login["password"],
        "vault_database_dsn": stack.server.dsn(stack.database),
        "vault_backup_access_key": "ADMIN",
        "vault_backup_secret_key": s3.secret_key,
        "vault_n8n_encryption_key": stack.sample.encryption_key,
    }
    environment = {
        "PATH": f"{stack.server.bin_dir}:{os.environ['PATH']}",
        "PGPORT": str(login["port"]),
        "AWS_CA_BUNDLE": s3.ca_bundle,
    }
    yield play(
        tmp_path,
        inventory,
        [
            {
                "name": "Examples",
                "hosts": "bot",
                "vars": variables,
                "environment": environment,
                "tasks": [before, *tasks],
            }
        ],
    )
    stack.server.psql(f'DROP DATABASE IF EXISTS "{SCRATCH}" WITH (FORCE)')


def test_they_run_as_they_stand(played: RolePlay, stack: SampleStack, s3: S3Server, tmp_path: Path) -> None:
    assert played.exit_status == 0, played.output
    # By other ways than the modules': what they said that they did is there.
    copied = {path.parent.name for path in (tmp_path / "nas").rglob("manifest.json")}
    listed = s3.client().list_objects_v2(Bucket="backups", Prefix=f"{STACK}/")["Contents"]
    stored = {each["Key"].split("/")[2] for each in listed if each["Key"].endswith("/manifest.json")}
    # Backups were pruned after they were copied: the newest of each source are still everywhere.
    kept = {path.parent.name for path in stack.backups.rglob("manifest.json")}
    assert {name.split("-")[1] for name in kept & copied & stored} >= {"n8n", "database"}
    assert stack.server.psql(f"SELECT count(*) FROM pg_database WHERE datname = '{SCRATCH}'").strip() == "1"
    assert list((tmp_path / "last-week").rglob("nginx.conf"))
    assert (tmp_path / "reports" / "fleet.html").is_file()
    assert list((tmp_path / "node-exporter").glob("*.prom"))
    assert list(stack.backups.rglob("RUNBOOK.md.age"))
    assert list((tmp_path / "recoveries").iterdir())


def test_one_that_does_not_run_would_be_seen(tmp_path: Path) -> None:
    inventory = {"chatbot_stacks": {"hosts": {"bot": {"ansible_connection": "local"}}}}
    example = by_module()["backup_info"][0]
    variables = {"ansible_python_interpreter": sys.executable}
    result = play(tmp_path, inventory, [{"hosts": "bot", "vars": variables, "tasks": [example.task]}])
    assert result.exit_status != 0
    assert "The repository folder /srv/backups does not exist on this host" in result.text
