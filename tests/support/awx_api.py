# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for the REST interface of AWX 24, which takes minutes to install: what the modules of awx.awx use of it.

Which fields each kind of object has, which of them it needs, which others it may name, and what is refused (see
awx_checks) is taken from AWX's own serializers (awx/api/serializers.py, awx/api/views and awx/main/fields.py of 24.6.1).
A field that AWX would ignore is refused here: it would be a mistake of ours.
"""

from __future__ import annotations

import http.server
import itertools
import json
import threading
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.support.awx_checks import (
    Object,
    RefusedError,
    check_credential_type,
    check_extra_data,
    check_rrule,
    check_survey,
)

TOKEN = "token-of-the-tests"
Reply = tuple[int, Any]

_NAMED = {"name", "description"}
_PROMPTS = {
    "extra_data",
    "inventory",
    "scm_branch",
    "job_type",
    "job_tags",
    "skip_tags",
    "limit",
    "diff_mode",
    "verbosity",
}
_PROMPTS |= {"execution_environment", "forks", "job_slice_count", "timeout"}
_SCM = {
    "local_path",
    "scm_type",
    "scm_url",
    "scm_branch",
    "scm_refspec",
    "scm_clean",
    "scm_track_submodules",
    "credential",
}
_ASKS = {f"ask_{each}_on_launch" for each in ("scm_branch", "diff_mode", "variables", "limit", "tags", "skip_tags")}
_ASKS |= {f"ask_{each}_on_launch" for each in ("job_type", "verbosity", "inventory", "credential", "labels", "forks")}
_ASKS |= {
    f"ask_{each}_on_launch" for each in ("execution_environment", "job_slice_count", "timeout", "instance_groups")
}


# The modules send them, and AWX ignores them.
_READ_ONLY = {"managed", "type"}


@dataclass(frozen=True)
class Kind:
    """A kind of object: its fields, those that it needs, and the kinds that some of them name by their numbers."""

    type: str
    fields: frozenset[str]
    required: frozenset[str]
    names: dict[str, str] = field(default_factory=dict)


def _kind(name: str, fields: set[str], required: set[str], **names: str) -> Kind:
    return Kind(name, frozenset(fields | set(names)), frozenset(required), names)


_TEMPLATES = {
    "organization": "organizations",
    "inventory": "inventories",
    "execution_environment": "execution_environments",
}
KINDS = {
    "organizations": _kind(
        "organization", _NAMED | {"max_hosts"}, {"name"}, default_environment="execution_environments"
    ),
    "credential_types": _kind("credential_type", _NAMED | {"kind", "inputs", "injectors"}, {"name", "kind"}),
    "execution_environments": _kind(
        "execution_environment",
        _NAMED | {"image", "pull", "credential"},
        {"name", "image"},
        organization="organizations",
    ),
    "projects": _kind(
        "project",
        _NAMED
        | _SCM
        | {"scm_delete_on_update", "timeout", "scm_update_on_launch", "scm_update_cache_timeout"}
        | {"allow_override"},
        {"name"},
        organization="organizations",
        default_environment="execution_environments",
    ),
    "inventories": _kind(
        "inventory",
        _NAMED | {"kind", "host_filter", "variables", "prevent_instance_group_fallback"},
        {"name", "organization"},
        organization="organizations",
    ),
    "inventory_sources": _kind(
        "inventory_source",
        _NAMED
        | {"update_on_launch", "update_cache_timeout", "source", "source_path", "source_vars", "scm_branch"}
        | {"credential", "enabled_var", "enabled_value", "host_filter", "overwrite", "overwrite_vars", "timeout"}
        | {"verbosity", "limit"},
        {"name", "inventory"},
        inventory="inventories",
        source_project="projects",
        execution_environment="execution_environments",
    ),
    "notification_templates": _kind(
        "notification_template",
        _NAMED | {"notification_type", "notification_configuration", "messages"},
        {"name", "organization", "notification_type"},
        organization="organizations",
    ),
    "job_templates": _kind(
        "job_template",
        _NAMED
        | _ASKS
        | {"job_type", "playbook", "scm_branch", "forks", "limit", "verbosity", "extra_vars", "job_tags"}
        | {
            "force_handlers",
            "skip_tags",
            "start_at_task",
            "timeout",
            "use_fact_cache",
            "host_config_key",
            "survey_enabled",
        }
        | {
            "become_enabled",
            "diff_mode",
            "allow_simultaneous",
            "job_slice_count",
            "webhook_service",
            "webhook_credential",
        },
        {"name", "project", "playbook"},
        project="projects",
        **_TEMPLATES,
    ),
    "workflow_job_templates": _kind(
        "workflow_job_template",
        _NAMED
        | {"extra_vars", "survey_enabled", "allow_simultaneous", "limit", "scm_branch", "webhook_service"}
        | {"webhook_credential", "skip_tags", "job_tags"}
        | {each for each in _ASKS if "credential" not in each},
        {"name"},
        organization="organizations",
        inventory="inventories",
    ),
    "workflow_job_template_nodes": _kind(
        "workflow_job_template_node",
        _PROMPTS | {"all_parents_must_converge", "identifier"},
        {"workflow_job_template"},
        workflow_job_template="workflow_job_templates",
        unified_job_template="unified_job_templates",
    ),
    "workflow_approval_templates": _kind("workflow_approval_template", _NAMED | {"timeout"}, {"name"}),
    "schedules": _kind(
        "schedule",
        _NAMED | _PROMPTS | {"enabled", "rrule"},
        {"name", "unified_job_template", "rrule"},
        unified_job_template="unified_job_templates",
    ),
    "credentials": _kind("credential", _NAMED | {"inputs"}, {"name"}),
}
_UNIFIED = ("job_templates", "workflow_job_templates", "workflow_approval_templates", "projects")
_ASSOCIATIONS = {
    **dict.fromkeys(("success_nodes", "failure_nodes", "always_nodes"), "workflow_job_template_nodes"),
    **{
        f"notification_templates_{each}": "notification_templates"
        for each in ("started", "success", "error", "approvals")
    },
    "credentials": "credentials",
}


class Awx:
    """What AWX keeps, and what it answers."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[int, Object]] = {name: {} for name in KINDS}
        self.links: dict[tuple[str, int, str], list[int]] = {}
        self.surveys: dict[tuple[str, int], Object] = {}
        self.writes: list[str] = []
        """What was changed, as ``POST /api/v2/projects/``, in that order."""
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def named(self, kind: str, name: str) -> Object:
        """Return the only object of that name."""
        (found,) = [each for each in self.objects[kind].values() if name in (each.get("name"), each.get("identifier"))]
        return found

    def reply(self, method: str, target: str, token: str | None, body: bytes) -> Reply:
        """Return the status and the document that answer a request."""
        url = urlsplit(target)
        parts = [unquote(each) for each in url.path.strip("/").split("/")]
        if token != f"Bearer {TOKEN}":
            return 401, {"detail": "Authentication credentials were not provided."}
        if method != "GET":
            self.writes.append(f"{method} {url.path}")
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        with self._lock:
            try:
                return self._answer(method, parts[2:], query, json.loads(body) if body else {})
            except RefusedError as error:
                return 400, error.problems
            except KeyError:
                return 404, {"detail": "Not found."}

    def _answer(self, method: str, parts: list[str], query: dict[str, str], given: Object) -> Reply:
        if len(parts) == 1:
            if method == "POST":
                return 201, self._make(parts[0], given)
            return 200, self._list(self._all(parts[0]), query)
        kind, number = parts[0], int(parts[1])
        found = dict(self._all(kind))[number]
        if len(parts) == 2:
            if method == "PATCH":
                self._check(kind, {**self._own(kind, found), **given}, number)
                found.update(given)
            if method == "DELETE":
                del self.objects[kind][number]
                return 204, None
            return 200, found
        return self._related(method, kind, number, parts[2], given, query)

    def _related(self, method: str, kind: str, number: int, what: str, given: Object, query: dict[str, str]) -> Reply:
        if what == "survey_spec":
            if method == "POST":
                check_survey(given)
                self.surveys[(kind, number)] = given
            return 200, self.surveys.get((kind, number), {})
        if what == "create_approval_template":
            made = self._make("workflow_approval_templates", given)
            node = self.objects[kind][number]
            node["unified_job_template"] = made["id"]
            node["related"]["unified_job_template"] = made["url"]
            return 201, made
        others = self.links.setdefault((kind, number, what), [])
        known = dict(self._all(_ASSOCIATIONS[what]))
        if method == "POST":
            if given.get("disassociate"):
                others.remove(given["id"])
            else:
                others.append(known[given["id"]]["id"])
            return 204, None
        return 200, self._list([(each, known[each]) for each in others], query)

    def _all(self, kind: str) -> list[tuple[int, Object]]:
        kinds = _UNIFIED if kind == "unified_job_templates" else (kind,)
        return [item for each in kinds for item in self.objects[each].items()]

    @staticmethod
    def _list(items: list[tuple[int, Object]], query: dict[str, str]) -> Object:
        wanted = {name: value for name, value in query.items() if not name.startswith("page")}
        found = [each for _number, each in items if all(str(each.get(name)) == value for name, value in wanted.items())]
        return {"count": len(found), "next": None, "previous": None, "results": found}

    def _make(self, kind: str, given: Object) -> Object:
        self._check(kind, given)
        number = next(self._numbers)
        url = f"/api/v2/{kind}/{number}/"
        related = {"survey_spec": f"{url}survey_spec/"} if kind.endswith("job_templates") else {}
        # Where nothing is given, AWX answers with what it takes instead.
        blank = dict.fromkeys(KINDS[kind].fields)
        made = {**blank, **given, "id": number, "type": KINDS[kind].type, "url": url, "related": related}
        made["summary_fields"] = {}
        if kind == "schedules":
            template = dict(self._all("unified_job_templates"))[given["unified_job_template"]]
            made["summary_fields"]["unified_job_template"] = {"id": template["id"], "name": template["name"]}
        if kind == "projects":
            made |= {"status": "successful", "scm_revision": "0" * 40}
            related["current_update"] = ""
        self.objects[kind][number] = made
        return made

    @staticmethod
    def _own(kind: str, found: Object) -> Object:
        return {name: value for name, value in found.items() if name in KINDS[kind].fields and value is not None}

    def _check(self, kind: str, given: Object, number: int | None = None) -> None:
        strange = set(given) - KINDS[kind].fields - _READ_ONLY
        if strange:
            raise RefusedError(**dict.fromkeys(strange, f"{KINDS[kind].type} has no such field."))
        absent = [name for name in KINDS[kind].required if given.get(name) in (None, "")]
        if absent:
            raise RefusedError(**dict.fromkeys(absent, "This field is required."))
        for name, other in KINDS[kind].names.items():
            if given.get(name) not in (None, "") and given[name] not in dict(self._all(other)):
                raise RefusedError(**{name: f"Invalid pk {given[name]}: object does not exist."})
        if kind == "schedules":
            self._check_schedule(given, number)
        if kind == "credential_types":
            check_credential_type(given)

    def _check_schedule(self, given: Object, number: int | None) -> None:
        check_rrule(given["rrule"])
        template = given["unified_job_template"]
        # Those that are no template of a job take no variables at all.
        found = self.objects["job_templates"].get(template, {})
        check_extra_data(given, found, self.surveys.get(("job_templates", template), {}))
        for other, each in self.objects["schedules"].items():
            if other != number and (each["name"], each["unified_job_template"]) == (given["name"], template):
                raise RefusedError(__all__="Schedule with this Unified job template and Name already exists.")


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: AwxServer

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        status, document = self.server.awx.reply(self.command, self.path, self.headers.get("Authorization"), body)
        content = b"" if document is None else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-API-Product-Name", "AWX")
        self.send_header("X-API-Product-Version", "24.6.1")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815 (the library's names)

    def log_message(self, *_arguments: object) -> None:
        """Say nothing."""


class AwxServer(http.server.ThreadingHTTPServer):
    """Answers on a free port of 127.0.0.1 while its context lasts."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.awx = Awx()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> AwxServer:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.shutdown()
        self.server_close()
