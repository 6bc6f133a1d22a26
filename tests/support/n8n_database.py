# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The database of a sample n8n: what its first start, its users and its executions have written."""

from __future__ import annotations

import json
import random
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.support.n8n_cipher import encrypt_cbc, encrypt_gcm, instance_id, wrapping_key
from tests.support.n8n_content import (
    Json,
    credential,
    credential_data,
    execution_data,
    sample_id,
    sample_uuid,
    sqlite_time,
    workflow,
    workflow_data,
)
from tests.support.n8n_store import N8nStore

PACKAGE = "n8n-nodes-loteria"
PACKAGE_VERSION = "1.0.2"

# The latest of n8n's migrations, oldest first; 1.x ends where 2.x goes on.
MIGRATIONS_1 = (
    "InitialMigration1588102412422",
    "MoveSshKeysToDatabase1711390882123",
    "CreateProject1714133768519",
    "AddWorkflowArchivedColumn1745934666076",
    "AddWorkflowVersionColumn1761047826451",
    "AddWorkflowDescriptionColumn1762177736257",
)
MIGRATIONS_2 = (
    "AddActiveVersionIdColumn1763047800000",
    "CreateBinaryDataTable1763716655000",
    "AddStoredAtToExecutionEntity1768557000000",
    "CreateWorkflowPublishedVersionTable1769698710000",
    "CreateDeploymentKeyTable1777000000000",
    "AddDescriptionToCredentials1789558029357",
    "AddExecutionScopesToCustomRoles1789995003141",
)


@dataclass(frozen=True)
class Plan:
    """What the folder is to hold."""

    major: int = 2
    """1: rollback journal, `binaryData`; 2: write-ahead log, `storage`, `deployment_key`."""
    workflows: int = 12
    active: int = 8
    """The first so many workflows are active."""
    credentials: int = 8
    rotated: int = 2
    """The first so many credentials are encrypted with a key of `deployment_key`; 2.x only."""
    executions: int = 200
    binary_files: int = 40
    """The latest so many executions have a binary file each."""
    running: bool = False
    """Whether it looks as if n8n were running, or had been killed."""
    seed: str = "lottery"
    until: datetime | None = None
    """The time of the latest execution; the hour that runs, if None."""


class SampleDatabase:
    """Fills a database according to a plan, in two halves; the same each time."""

    def __init__(self, plan: Plan, chance: random.Random) -> None:
        self.plan = plan
        self.chance = chance
        self.encryption_key = b64encode(chance.randbytes(24)).decode()
        self.secrets: dict[str, Json] = {}
        self.until = plan.until or datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
        self._times: Json = {
            "createdAt": sqlite_time(self.until - timedelta(days=400)),
            "updatedAt": sqlite_time(self.until),
        }
        self._owner, self._project = sample_uuid(plan.seed, "owner"), sample_id(plan.seed, "project")
        self._data_key_id, self._data_key = sample_id(plan.seed, "data key"), chance.randbytes(32).hex()
        names = [credential(number)[0] for number in range(plan.credentials)]
        self._credential_ids = {name: sample_id(plan.seed, "credential", name) for name in names}

    def fill_earlier(self, store: N8nStore) -> None:
        """The tables, the workflows, all credentials but the last, the earlier half of the executions."""
        here = Path(__file__).parent
        for major in range(1, self.plan.major + 1):
            store.database.executescript((here / f"sample_n8n_{major}.sql").read_text(encoding="utf-8"))
        self._insert_owner(store)
        self._insert_migrations(store, MIGRATIONS_1)
        self._insert_credentials(store, range(self.plan.credentials - 1))
        for number in range(self.plan.workflows):
            self._insert_workflow(store, number)
        self._insert_executions(store, range(self.plan.executions // 2))

    def fill_later(self, store: N8nStore) -> None:
        """The last credential, the later half of the executions, and what an upgrade to 2.x writes."""
        self._insert_credentials(store, range(max(0, self.plan.credentials - 1), self.plan.credentials))
        self._insert_executions(store, range(self.plan.executions // 2, self.plan.executions))
        if self.plan.major == 2:
            self._insert_migrations(store, MIGRATIONS_2)
            self._insert_keys(store)

    def _insert_owner(self, store: N8nStore) -> None:
        person: Json = {"id": self._owner, "email": "admin@loteria.example", "firstName": "Rocío", "lastName": "Vega"}
        store.insert("user", [{**person, "roleSlug": "global:owner", **self._times}])
        store.insert("project", [{"id": self._project, "name": "Rocío Vega", "type": "personal", **self._times}])
        membership: Json = {"projectId": self._project, "userId": self._owner, "role": "project:personalOwner"}
        store.insert("project_relation", [membership])
        tag = sample_id(self.plan.seed, "tag")
        store.insert("tag_entity", [{"id": tag, "name": "producción", **self._times}])
        setting = {"key": "userManagement.isInstanceOwnerSetUp", "value": "true", "loadOnStartup": True}
        store.insert("settings", [setting])
        store.insert("variables", [{"id": sample_id(self.plan.seed, "variable"), "key": "MODO", "value": "real"}])
        store.insert(
            "installed_packages", [{"packageName": PACKAGE, "installedVersion": PACKAGE_VERSION, **self._times}]
        )

    def _insert_migrations(self, store: N8nStore, names: Sequence[str]) -> None:
        store.insert("migrations", ({"timestamp": int(name[-13:]), "name": name} for name in names))

    def _insert_credentials(self, store: N8nStore, numbers: Sequence[int]) -> None:
        for number in numbers:
            name, kind = credential(number)
            identifier = self._credential_ids[name]
            content = credential_data(kind, f"secreto-{self.chance.randbytes(12).hex()}")
            self.secrets[identifier] = content
            data = self._encrypt(json.dumps(content), rotated=self.plan.major == 2 and number < self.plan.rotated)
            store.insert(
                "credentials_entity", [{"id": identifier, "name": name, "data": data, "type": kind, **self._times}]
            )
            share: Json = {"credentialsId": identifier, "projectId": self._project, "role": "credential:owner"}
            store.insert("shared_credentials", [share])

    def _encrypt(self, plain: str, *, rotated: bool) -> str:
        if rotated:
            return f"{self._data_key_id}:{encrypt_gcm(plain, self._data_key, self.chance.randbytes(32))}"
        return encrypt_cbc(plain, self.encryption_key, self.chance.randbytes(8))

    def _insert_keys(self, store: N8nStore) -> None:
        """The rows of `deployment_key` that a 2.x makes at its first start."""
        for place, (kind, algorithm, value, status) in enumerate(
            (
                ("instance.id", None, instance_id(self.encryption_key), "active"),
                ("signing.hmac", "aes-256-gcm", self.chance.randbytes(32).hex(), "active"),
                ("signing.jwt", "aes-256-gcm", self.chance.randbytes(32).hex(), "active"),
                ("signing.binary_data", "aes-256-gcm", self.chance.randbytes(32).hex(), "active"),
                ("data_encryption", "aes-256-cbc", self.encryption_key, "inactive"),
                ("data_encryption", "aes-256-gcm", self._data_key, "active"),
            )
        ):
            is_data_key = value == self._data_key
            row: Json = {
                "id": self._data_key_id if is_data_key else sample_id(self.plan.seed, "key", place),
                "type": kind,
                "value": encrypt_gcm(value, wrapping_key(self.encryption_key), self.chance.randbytes(32))
                if algorithm
                else value,
                "algorithm": algorithm,
                "status": status,
            }
            store.insert("deployment_key", [{**row, **self._times}])

    def _insert_workflow(self, store: N8nStore, number: int) -> None:
        entity, active = workflow(number), number < self.plan.active
        version = sample_uuid(self.plan.seed, "version", number)
        nodes = json.dumps(entity.nodes(self._credential_ids), ensure_ascii=False)
        connections = json.dumps(entity.connections(), ensure_ascii=False)
        store.insert(
            "workflow_entity",
            [
                {
                    "id": entity.id,
                    "name": entity.name,
                    "active": active,
                    "nodes": nodes,
                    "connections": connections,
                    "settings": '{"executionOrder":"v1"}',
                    "triggerCount": int(active),
                    "versionId": version,
                    **self._times,
                }
            ],
        )
        history: Json = {"versionId": version, "workflowId": entity.id, "authors": "Rocío Vega"}
        store.insert("workflow_history", [{**history, "nodes": nodes, "connections": connections, **self._times}])
        share: Json = {"workflowId": entity.id, "projectId": self._project, "role": "workflow:owner"}
        store.insert("shared_workflow", [share])
        if active:
            self._publish(store, number, version)

    def _publish(self, store: N8nStore, number: int, version: str) -> None:
        entity = workflow(number)
        store.insert("workflows_tags", [{"workflowId": entity.id, "tagId": sample_id(self.plan.seed, "tag")}])
        if entity.starts_by_webhook:
            hook: Json = {"webhookPath": entity.webhook_path, "method": "POST", "workflowId": entity.id}
            store.insert("webhook_entity", [{**hook, "node": entity.steps[0].name}])
        if self.plan.major == 2:
            store.database.execute("UPDATE workflow_entity SET activeVersionId = ? WHERE id = ?", (version, entity.id))
            published: Json = {"workflowId": entity.id, "publishedVersionId": version, **self._times}
            store.insert("workflow_published_version", [published])

    def _insert_executions(self, store: N8nStore, numbers: Sequence[int]) -> None:
        for number in numbers:
            entity = workflow(number % max(1, min(self.plan.active, self.plan.workflows)))
            at = self.until - timedelta(minutes=7) * (self.plan.executions - number)
            identifier = store.begin_execution(entity, workflow_data(entity, self._credential_ids), at)
            has_file = number >= self.plan.executions - self.plan.binary_files
            files = [store.keep_picture(entity.id, identifier, self.chance)] if has_file else []
            data = execution_data(entity, self.chance.randint(2, 15), files, self.chance)
            status = "error" if number % 31 == 30 else "success"
            store.finish_execution(identifier, status, data, at + timedelta(seconds=2))
