# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the n8n of a lottery chatbot holds: its workflows, credentials and executions, as n8n writes them down."""

from __future__ import annotations

import hashlib
import json
import random
import string
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

Json = dict[str, object]

ALPHABET = string.ascii_letters + string.digits
# How the data of an execution name a binary file, followed by its path in the storage folder.
BINARY_MODE = "filesystem-v2"


@dataclass(frozen=True)
class Step:
    """A node of a workflow."""

    name: str
    type: str
    credential: str | None = None


@dataclass(frozen=True)
class Workflow:
    """A workflow whose steps follow one another."""

    id: str
    name: str
    steps: tuple[Step, ...]

    @property
    def starts_by_webhook(self) -> bool:
        """Whether its first step waits for a request; else it starts by the clock."""
        return self.steps[0].type == "webhook"

    def nodes(self, credentials: Mapping[str, str]) -> list[Json]:
        """The nodes as n8n keeps them.

        :param credentials: the id of each credential by its name; nodes whose credential is missing have none.
        """
        return [self._node(place, step, credentials) for place, step in enumerate(self.steps)]

    def connections(self) -> Json:
        """The connections as n8n keeps them."""
        return {
            step.name: {"main": [[{"node": following.name, "type": "main", "index": 0}]]}
            for step, following in zip(self.steps, self.steps[1:], strict=False)
        }

    def _node(self, place: int, step: Step, credentials: Mapping[str, str]) -> Json:
        node: Json = {
            "parameters": {"path": self.webhook_path, "httpMethod": "POST"} if step.type == "webhook" else {},
            "type": f"n8n-nodes-base.{step.type}",
            "typeVersion": 1,
            "position": [220 * place, 0],
            "id": sample_uuid(self.id, step.name),
            "name": step.name,
        }
        if step.type == "webhook":
            node["webhookId"] = sample_uuid(self.id, "webhook")
        if step.credential is not None and step.credential in credentials:
            kind = CREDENTIAL_TYPES[step.credential]
            node["credentials"] = {kind: {"id": credentials[step.credential], "name": step.credential}}
        return node

    @property
    def webhook_path(self) -> str:
        """The path under /webhook/ that starts it."""
        return f"{self.id.lower()}/mensaje"


CREDENTIAL_TYPES = {
    "WhatsApp del bot": "whatsAppApi",
    "Base de datos": "postgres",
    "Pasarela de pago": "httpHeaderAuth",
    "Correo de la administración": "smtp",
    "Asistente": "openAiApi",
    "Avisos internos": "telegramApi",
    "API propia": "httpBasicAuth",
    "Caché": "redis",
}
# The fields of each type; the one whose value is empty is the secret.
CREDENTIAL_FIELDS: dict[str, dict[str, object]] = {
    "whatsAppApi": {"accessToken": "", "businessAccountId": "100000000000001"},
    "postgres": {"host": "db", "port": 5432, "database": "lottery", "user": "chatbot_app", "password": ""},
    "httpHeaderAuth": {"name": "Authorization", "value": ""},
    "smtp": {"host": "correo.example.com", "port": 465, "secure": True, "user": "bot", "password": ""},
    "openAiApi": {"apiKey": ""},
    "telegramApi": {"accessToken": "", "baseUrl": "https://telegram.example.com"},
    "httpBasicAuth": {"user": "n8n", "password": ""},
    "redis": {"host": "cache", "port": 6379, "password": ""},
}

WORKFLOWS = (
    Workflow(
        "vD4kQ8sXw2LmN7Ra",
        "Venta de décimos",
        (
            Step("WhatsApp Trigger", "webhook"),
            Step("Buscar décimo", "postgres", "Base de datos"),
            Step("Reservar", "postgres", "Base de datos"),
            Step("Contestar", "whatsApp", "WhatsApp del bot"),
        ),
    ),
    Workflow(
        "bZ7nT3cYk9WpJ5Ue",
        "Cobro con Bizum",
        (
            Step("Webhook Bizum", "webhook"),
            Step("Cobrar", "httpRequest", "Pasarela de pago"),
            Step("Anotar pago", "postgres", "Base de datos"),
        ),
    ),
    Workflow(
        "aP9wL5jDn3CzS7Yo",
        "Aviso de premios",
        (
            Step("Cada tarde", "scheduleTrigger"),
            Step("Leer resultados", "httpRequest", "API propia"),
            Step("Enviar aviso", "whatsApp", "WhatsApp del bot"),
        ),
    ),
    Workflow(
        "fQ2hM6rGx8VtB4Ks",
        "Preguntas frecuentes",
        (
            Step("Pregunta", "webhook"),
            Step("Buscar respuesta", "postgres", "Base de datos"),
            Step("Redactar", "openAi", "Asistente"),
        ),
    ),
    Workflow(
        "tR8eF2uHm4XkV6Qi",
        "Altas y bajas",
        (Step("Palabra clave", "webhook"), Step("Alta", "postgres", "Base de datos"), Step("Baja", "postgres")),
    ),
    Workflow(
        "cG5yN9oKb2TjW7Ml",
        "Limpieza de sesiones",
        (Step("Cada hora", "scheduleTrigger"), Step("Borrar caducadas", "redis", "Caché")),
    ),
    Workflow(
        "hJ3pC7vRt5ZsD9Xe",
        "Informe diario",
        (
            Step("Cada mañana", "scheduleTrigger"),
            Step("Resumir ventas", "postgres", "Base de datos"),
            Step("Enviar correo", "emailSend", "Correo de la administración"),
        ),
    ),
    Workflow(
        "mB6qY4wNk8GfL2Tu",
        "Gestión de errores",
        (Step("Error Trigger", "errorTrigger"), Step("Avisar", "telegram", "Avisos internos")),
    ),
)


def workflow(number: int) -> Workflow:
    """The workflow of that number; beyond those above, copies as people make them, each with an id of its own."""
    original = WORKFLOWS[number % len(WORKFLOWS)]
    copy = number // len(WORKFLOWS)
    if copy == 0:
        return original
    return Workflow(sample_id("workflow", number), f"{original.name} (copia {copy})", original.steps)


def credential(number: int) -> tuple[str, str]:
    """Name and type of the credential of that number."""
    names = list(CREDENTIAL_TYPES)
    name = names[number % len(names)]
    copy = number // len(names)
    return (name if copy == 0 else f"{name} {copy + 1}"), CREDENTIAL_TYPES[name]


def credential_data(kind: str, secret: str) -> Json:
    """The plain content of a credential of that type."""
    return {field: secret if value == "" else value for field, value in CREDENTIAL_FIELDS[kind].items()}


def sample_id(*seed: object) -> str:
    """An id like n8n's: 16 letters and digits, always the same for the same seed."""
    digest = int.from_bytes(hashlib.sha256(repr(seed).encode()).digest(), "big")
    return "".join(ALPHABET[digest // len(ALPHABET) ** place % len(ALPHABET)] for place in range(16))


def sample_uuid(*seed: object) -> str:
    """A UUID, always the same for the same seed."""
    return str(uuid.UUID(bytes=hashlib.sha256(repr(seed).encode()).digest()[:16], version=4))


def sqlite_time(moment: datetime) -> str:
    """A UTC time as n8n writes it to SQLite."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{moment.microsecond // 1000:03d}"


def workflow_data(entity: Workflow, credentials: Mapping[str, str]) -> str:
    """The copy of its workflow that every execution keeps."""
    whole: Json = {
        "id": entity.id,
        "name": entity.name,
        "active": True,
        "nodes": entity.nodes(credentials),
        "connections": entity.connections(),
        "settings": {"executionOrder": "v1"},
    }
    return json.dumps(whole, ensure_ascii=False)


def execution_data(entity: Workflow, items: int, binary_ids: Sequence[str], chance: random.Random) -> str:
    """What an execution leaves behind: each step with some items, about 300 bytes each.

    :param binary_ids: the binary files that its last step names.
    """
    run_data: Json = {}
    for place, step in enumerate(entity.steps):
        is_last = place == len(entity.steps) - 1
        output = [{"json": _item(chance), "pairedItem": {"item": 0}} for _item_number in range(items)]
        if is_last and binary_ids:
            output[0]["binary"] = {f"data{n}": {"id": f"{BINARY_MODE}:{one}"} for n, one in enumerate(binary_ids)}
        run_data[step.name] = [
            {"executionTime": chance.randint(2, 900), "executionStatus": "success", "data": {"main": [output]}}
        ]
    return flatted({"startData": {}, "resultData": {"runData": run_data, "lastNodeExecuted": entity.steps[-1].name}})


def flatted(value: object) -> str:
    """JSON as n8n's library `flatted` writes it: a list in which strings and containers are replaced by their place."""
    places: dict[object, str] = {}
    found: list[object] = []

    def place(one: object) -> object:
        if not isinstance(one, (str, list, dict)):
            return one
        key = one if isinstance(one, str) else id(one)
        if key not in places:
            places[key] = str(len(found))
            found.append(one)
        return places[key]

    place(value)
    lines: list[object] = []
    while len(lines) < len(found):  # placing the parts of one makes `found` longer
        one = found[len(lines)]
        if isinstance(one, dict):
            lines.append({name: place(part) for name, part in one.items()})
        elif isinstance(one, list):
            lines.append([place(part) for part in one])
        else:
            lines.append(one)
    return json.dumps(lines, ensure_ascii=False, separators=(",", ":"))


def _item(chance: random.Random) -> Json:
    return {
        "messageId": "wamid." + chance.randbytes(24).hex(),
        "from": f"+34600{chance.randrange(1_000_000):06d}",
        "text": f"Quiero el {chance.randrange(100_000):05d} para el sorteo de Navidad",
        "order": 100_001 + chance.randrange(12_500),
        "total": chance.choice(("3.00", "6.00", "20.00", "40.00")),
        "status": chance.choice(("pagado", "pendiente")),
    }
