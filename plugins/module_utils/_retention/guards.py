# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes a plan suspicious, so that it is refused before anything is touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._core.times import to_iso
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import Manifest
from ansible_collections.chatbot.ops.plugins.module_utils._retention.plan import Rules
from ansible_collections.chatbot.ops.plugins.module_utils._retention.stack import ROWS, Fate, Member

#: How far the clocks of two hosts may be apart.
_CLOCKS_APART = timedelta(minutes=15)


def require_rules(rules: Rules) -> None:
    """Refuse rules that keep nothing.

    :raises RefusedError: that names the parameters.
    """
    periods = (rules.keep_last, rules.keep_daily, rules.keep_weekly, rules.keep_monthly, rules.keep_yearly)
    if min(*periods, rules.keep_logs_days) < 0 or rules.keep_verified < 1:
        raise RefusedError("Parameters keep_*: none can be negative, and keep_verified is at least 1.")
    if not any(periods):
        raise RefusedError(
            "Parameters keep_last, keep_daily, keep_weekly, keep_monthly and keep_yearly: all of them are 0, which keeps "
            "no backup but a verified one. Set at least one of them, such as keep_daily: 7."
        )


def require_forward_clock(members: Sequence[Member], instant: datetime) -> None:
    """Refuse to judge ages by a clock that shows a time before the newest backup.

    :raises RefusedError: that names that backup.
    """
    newest = max(members, key=lambda each: each.time, default=None)
    if newest is not None and newest.time > instant + _CLOCKS_APART:
        raise RefusedError(
            f"Refused to prune: the backup {newest.backup_id} is from the future. Either this host's clock "
            f"({to_iso(instant)}) is slow, or that of the host that took it was fast. Set the clock right (timedatectl); "
            "if it is right, remove that backup by hand, or wait until its time has come."
        )


def amounts(manifest: Manifest) -> tuple[tuple[str, int], ...]:
    """Return how much there is in a backup, by kind: its bytes, and what its proof counts."""
    return (("bytes", manifest.content_bytes), *_counted(manifest.source, manifest.proof))


def require_no_shrinkage(fates: Sequence[Fate], max_shrinkage: int) -> None:
    """Refuse to remove good backups while the newest one of their source holds suspiciously little.

    It is compared with the one before it, and with each good one that would go: what these hold might be in no other.

    :param max_shrinkage: how much less of any kind may be there, in percent.
    :raises RefusedError: that names both backups.
    """
    for source in sorted({each.member.source for each in fates} - {ROWS}):
        own = [each for each in fates if each.member.source == source and not each.member.safety_copy]
        good = [each for each in own if each.member.good]
        if all(each.decision.keep for each in good):
            continue
        newest = good[0].member
        for fate in good[1:]:
            if fate is good[1] or not fate.decision.keep:
                _compare(newest, fate.member, max_shrinkage)


def _compare(newest: Member, older: Member, max_shrinkage: int) -> None:
    after = dict(newest.amounts)
    for kind, before in older.amounts:
        left = after.get(kind, 0)
        if left * 100 < before * (100 - max_shrinkage):
            raise RefusedError(
                f"Refused to prune: the newest backup of {newest.source}, {newest.backup_id}, holds {left} {kind}, and "
                f"{older.backup_id} held {before}: {100 - left * 100 // before} % less, where max_shrinkage allows "
                f"{max_shrinkage} %. Find out what became of the rest; if it is meant to be gone, set "
                "accept_shrinkage: true for one run."
            )


def _counted(source: str, proof: Mapping[str, object]) -> list[tuple[str, int]]:
    """Return the numbers in a proof that a user would miss; none where it has not the shape that it should."""
    if source == "database":
        tables = _mapping(proof.get("tables")).values()
        return [("rows", sum(_number(_mapping(each).get("rows")) for each in tables))]
    if source == ROWS:
        return [("rows", _number(proof.get("rows")))]
    files = _mapping(proof.get("files"))
    if source == "config":
        return [("files", len(files))]
    database = _mapping(proof.get("database"))
    kinds = {kind: _mapping(database.get(kind)).get("total") for kind in ("workflows", "credentials")}
    return [*((kind, _number(total)) for kind, total in kinds.items()), ("files", _number(files.get("count")))]


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
