# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page beside each set that says how to get the data back without this collection. Pure: manifests in, text out.

Whoever reads it may have nothing but the page, a bare host, and a bad night: each block of commands runs as it stands.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.times import from_iso
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.guide_texts import TEXTS, Texts
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.manifest import FILES, Manifest
from ansible_collections.chatbot.ops.plugins.module_utils._manifest.recovery import IDENTITY

#: The page's name by its language.
PAGES = {"en": "RECOVERY.md", "es": "RECUPERACION.md"}
#: The names of the runbook beside it, by their language and their kind; encrypted ones end with .age.
RUNBOOKS = {
    "en": {"html": "RUNBOOK.html", "md": "RUNBOOK.md"},
    "es": {"html": "EMERGENCIA.html", "md": "EMERGENCIA.md"},
}
RUNBOOK_FILES = tuple(name for kinds in RUNBOOKS.values() for name in kinds.values())

#: In the order in which a stack comes back: n8n last, as it finds everything else in its place then.
_ORDER = ("config", "database", "logs", "n8n")
_PROGRAMS = ("age", "zstd", "tar", "psql", "pg_restore", "restic", "aws")


def recovery_page(manifests: Sequence[Manifest], fetch: Sequence[str], language: str) -> str:
    """Return the page of a set, in Markdown.

    :param manifests: the set's backups (at least one), of different sources of one stack.
    :param fetch: the shell commands that bring the payloads into the current folder.
    :param language: ``en`` or ``es``.
    """
    texts = TEXTS[language]
    parts = sorted(manifests, key=lambda each: _ORDER.index(each.source) if each.source in _ORDER else len(_ORDER))
    sections = [
        _head(parts, fetch, texts),
        _section(texts.fetch, texts.fetch_how, ["mkdir recovery", "cd recovery", *fetch]),
    ]
    if _check(parts):
        sections.append(_section(texts.check, texts.check_how, _check(parts)))
    if any(each.recipients for each in parts):
        keys = dict.fromkeys(key for each in parts for key in each.recipients)
        listed = "\n".join(f"- `{key}`" for key in keys)
        sections.append(f"## {texts.key}\n\n{texts.key_how.format(file=IDENTITY)}\n\n{listed}\n")
    sections += [_part(each, texts) for each in parts]
    sections += [_after_n8n(each, texts) for each in parts if each.source == "n8n"]
    sections.append(f"## {texts.proof}\n\n{texts.proof_how}\n\n{_claims(parts, texts)}")
    # A heading for each step, numbered as they come.
    numbers = iter(range(1, len(sections)))
    return re.sub(r"^## ", lambda _match: f"## {next(numbers)}. ", "\n".join(sections), flags=re.MULTILINE)


def _head(parts: Sequence[Manifest], fetch: Sequence[str], texts: Texts) -> str:
    taken = [from_iso(each.taken) for each in parts]
    versions = {name: version for each in parts for name, version in each.versions.items()}
    notices = [texts.safety_copy.format(backup_id=each.safety_copy_for) for each in parts if each.safety_copy_for]
    head = texts.head.format(
        stack=parts[0].stack,
        set_id=parts[0].set_id,
        host=parts[0].host,
        time=f"{min(taken):%Y-%m-%d %H:%M:%S}",
        skew=f"{(max(taken) - min(taken)) / timedelta(seconds=1):.1f}",
        programs=", ".join(f"`{each}`" for each in _programs(parts, fetch)),
        versions=", ".join(f"{name} {versions[name]}" for name in ("n8n", "postgresql") if name in versions)
        or texts.unknown,
        identity=IDENTITY,
    )
    return "".join([head, *notices])


def _programs(parts: Sequence[Manifest], fetch: Sequence[str]) -> list[str]:
    words = set(re.findall(r"[a-z_]+", " ".join([*fetch, *(command for each in parts for command in each.recovery)])))
    return ["sha256sum", *(program for program in _PROGRAMS if program in words)]


def _section(title: str, text: str, commands: Sequence[str]) -> str:
    return f"## {title}\n\n{text}\n\n{_block(commands)}"


def _block(commands: Sequence[str]) -> str:
    return "```sh\n" + "\n".join(commands) + "\n```\n"


def _part(manifest: Manifest, texts: Texts) -> str:
    title, hint, commands = texts.titles[manifest.source], texts.hints[manifest.source], manifest.recovery
    if not manifest.details.get("passwords"):
        return _section(title, hint, commands)
    # The first command brings the roles with the passwords that they had.
    return _section(title, hint, commands[:1]) + f"\n{texts.passwords}\n\n" + _block(commands[1:])


def _check(parts: Sequence[Manifest]) -> list[str]:
    """Return the commands that compare what was fetched; none, where whatever fetches it does so."""
    streams = [stored for each in parts for stored in each.objects if stored.compression != FILES]
    lines = [f"{stored.stored_sha256}  {stored.name}" for stored in streams]
    return ["sha256sum --check <<'END'", *lines, "END"] if lines else []


def _after_n8n(manifest: Manifest, texts: Texts) -> str:
    """Tell where the folder belongs: the commands need Docker, and n8n's own host."""
    folder, volume = manifest.details.get("folder", {}), manifest.details.get("volume") or {}
    place = shlex.quote(str(volume["name"])) if volume.get("name") else "n8n_data"
    key = texts.n8n_key_inside if manifest.details.get("key_in_backup") else texts.n8n_key_outside
    return texts.n8n_place.format(volume=place, owner=f"{folder.get('uid', 1000)}:{folder.get('gid', 1000)}") + key


def _claims(parts: Sequence[Manifest], texts: Texts) -> str:
    rows = [f"| {each.source} | {texts.claims[each.source].format(**_counts(each))} |" for each in parts]
    return "\n".join([f"| {texts.source} | {texts.holds} |", "| --- | --- |", *rows]) + "\n"


def _counts(manifest: Manifest) -> Mapping[str, Any]:
    proof = manifest.proof
    if manifest.source == "database":
        return {"tables": len(proof["tables"]), "rows": sum(each["rows"] for each in proof["tables"].values())}
    if manifest.source == "logs":
        return {"rows": proof["rows"], "table": manifest.details["label"], "month": manifest.details["month"]}
    if manifest.source == "config":
        return {"files": len(proof["files"])}
    database = proof.get("database") or {"workflows": {"total": "?"}, "credentials": {"total": "?"}}  # it is elsewhere
    return {"workflows": database["workflows"]["total"], "credentials": database["credentials"]["total"]}
