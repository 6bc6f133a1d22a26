# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can be done to the backups in a bucket: tried on an object that stands for one."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import DamagedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import now
from ansible_collections.chatbot.ops.plugins.module_utils._repository.examination import Examination, could_destroy
from ansible_collections.chatbot.ops.plugins.module_utils._s3.bucket import Bucket, Retention, Written
from ansible_collections.chatbot.ops.plugins.module_utils._s3.conditions import try_checksum, try_conditions
from ansible_collections.chatbot.ops.plugins.module_utils._s3.refusal import StoreRefusalError

#: The object on which it is tried what a store can do.
PROBE = ".probe"
_LOCK = timedelta(minutes=5)


def examine_bucket(bucket: Bucket, stack: str, lock_days: int | None, lock_mode: str, *, touch: bool) -> Examination:
    """Return what these credentials can do below ``stack``; see :meth:`Repository.examine`.

    Rights on the bucket itself are not tried, as that would change it: who may set its lifecycle or its policy can
    destroy what it holds in spite of what is found here.
    """
    bucket.objects(f"{stack}/{PROBE}")
    details: dict[str, Any] = {"versioning": _versioning(bucket), "object_lock": _object_lock(bucket)}
    if not touch:
        return Examination(can_list=True, details=details)
    retention = Retention(lock_mode.upper(), now().replace(microsecond=0) + _LOCK) if lock_days is not None else None
    return _Probe(bucket, f"{stack}/{PROBE}", retention, details).run()


class _Probe:
    """The object that stands for a backup."""

    def __init__(self, bucket: Bucket, key: str, retention: Retention | None, details: dict[str, Any]) -> None:
        self._bucket, self._key, self._retention, self._details = bucket, key, retention, details

    def run(self) -> Examination:
        content = secrets.token_bytes(32)
        written = self._write(content)
        if written is None:
            advice = "These credentials cannot write: they serve to list and restore backups, not to take any."
            return Examination(can_list=True, can_write=False, details=self._details, advice=(advice,))
        can_read = self._read_back(content)
        locked = self._locked() if can_read else None
        conditions = try_conditions(self._bucket, self._key)  # it overwrites the object
        self._details |= {
            "conditional_writes": conditions.honoured,
            "checksums": try_checksum(self._bucket, self._key),
            "locks": locked,
        }
        can_delete, delete_version, versioned = self._delete(written)
        destroy = could_destroy(overwrite=True, delete=can_delete, versioned=versioned, delete_version=delete_version)
        return Examination(
            can_list=True,
            can_write=True,
            can_read=can_read,
            can_overwrite=True,
            can_delete=can_delete,
            can_destroy=destroy,
            details={**self._details, "keeps_versions": versioned, "can_delete_versions": delete_version},
            advice=tuple(
                self._advice(destroy=destroy, versioned=versioned, honoured=conditions.honoured, locked=locked)
            ),
        )

    def _write(self, content: bytes) -> Written | None:
        try:
            return self._bucket.put(self._key, content, retention=self._retention)
        except StoreRefusalError as refusal:
            if refusal.denied:
                return None
            raise

    def _read_back(self, content: bytes) -> bool:
        try:
            found = self._bucket.get(self._key)
        except StoreRefusalError as refusal:
            if refusal.denied:
                return False
            raise
        listed = [each.key for each in self._bucket.objects(self._key)]
        if found is None or found.content != content or self._key not in listed:
            raise DamagedError(
                f"The repository {self._bucket.title} does not give back what was written as {self._key}, or does not "
                "list it. Ask whoever runs the store; no backup is safe there."
            )
        return True

    def _locked(self) -> bool | None:
        """Tell whether the object was locked as asked; None if it was not asked."""
        if self._retention is None:
            return None
        return bool(self._bucket.head(self._key).get("ObjectLockMode") == self._retention.mode)

    def _delete(self, written: Written) -> tuple[bool, bool | None, bool]:
        """Return whether an object can be deleted, whether an older version can be, and whether those are kept."""
        kept = written.version_id not in (None, "null")
        delete_version = None
        if kept:
            bypass = {"BypassGovernanceRetention": True} if self._retention is not None else {}
            delete_version = self._may_delete(written.version_id, **bypass)
        return self._may_delete(), delete_version, kept

    def _may_delete(self, version_id: str | None = None, **more: Any) -> bool:
        try:
            self._bucket.delete(self._key, version_id, **more)
        except StoreRefusalError as refusal:
            if refusal.withheld:
                return False
            raise
        return True

    def _advice(self, *, destroy: bool, versioned: bool, honoured: bool, locked: bool | None) -> list[str]:
        found = []
        if destroy and versioned:
            found.append(
                "Whoever has these credentials can destroy the backups, older versions included. Use credentials without "
                "s3:DeleteObjectVersion and s3:BypassGovernanceRetention, or lock the objects (object_lock_days)."
            )
        elif destroy:
            found.append(
                "Whoever has these credentials can destroy the backups. Use a bucket that keeps versions, and credentials "
                "that may not delete those, or Object Lock (object_lock_days)."
            )
        if locked is False:
            found.append("The store took the order to lock an object and forgot it. Do not rely on object_lock_days.")
        if not honoured:
            found.append("The store ignores conditional writes: it cannot keep two writers apart for certain.")
        return found


def _versioning(bucket: Bucket) -> str | None:
    """Return ``enabled``, ``suspended`` or ``off``, or None where that cannot be asked."""
    try:
        return str(bucket.call("get_bucket_versioning", "look at the bucket's versioning").get("Status", "off")).lower()
    except StoreRefusalError as refusal:
        if refusal.denied or refusal.status == 501:
            return None
        raise


def _object_lock(bucket: Bucket) -> dict[str, Any] | None:
    """Return whether the bucket can lock objects, and its rule for those without one; None if it cannot be asked."""
    try:
        answer = bucket.call("get_object_lock_configuration", "look at the bucket's Object Lock")
    except StoreRefusalError as refusal:
        if refusal.denied or refusal.status == 501:
            return None
        if refusal.code == "ObjectLockConfigurationNotFoundError":
            return {"enabled": False, "mode": None, "days": None}
        raise
    found = answer.get("ObjectLockConfiguration", {})
    rule = found.get("Rule", {}).get("DefaultRetention", {})
    days = rule.get("Days") or (365 * rule["Years"] if "Years" in rule else None)
    mode = str(rule["Mode"]).lower() if "Mode" in rule else None
    return {"enabled": found.get("ObjectLockEnabled") == "Enabled", "mode": mode, "days": days}
