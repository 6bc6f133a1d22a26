# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words about a number, in English and Spanish. ``one|many`` are the forms for one thing and any other number."""

from __future__ import annotations

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError
from ansible_collections.chatbot.ops.plugins.module_utils._report.format import Format

_ENGLISH = {
    "say_connected": "{label} is connected: messages go out.",
    "say_status": "{label} cannot send: its status is {status}.",
    "say_no_status": "{label}: nobody tells whether it is connected.",
    "say_sandbox": "{label} is in the sandbox: it reaches test numbers only.",
    "say_blocked": "{label} cannot send: Meta blocks it.",
    "say_limited": "{label} can send, but Meta limits it.",
    "say_name": "{label}: its display name is {status}.",
    "say_quality": "{label}: quality {quality}.",
    "say_quality_unknown": "{label}: Meta has not rated its quality.",
    "say_usage": "{label}: {sent} of {limit} conversations begun within 24 hours ({percent} %).",
    "say_limit": "{label}: {limit} conversations may be begun within 24 hours; how many were, nobody counted.",
    "say_unlimited": "{label}: as many conversations may be begun as you like.",
    "say_limit_unknown": "{label}: its messaging limit is not known ({tier}).",
    "say_token": "The token of {label} is good.",
    "say_token_untold": "Whether the token of {label} is good is not known.",
    "say_token_bad": "The token of {label} is no good.",
    "say_account": "The account of {label} is {status}.",
    "say_account_unknown": "The account of {label} could not be read.",
    "say_unread": "{label} could not be read. {problem}",
    "say_billing": "{label} cannot send: there is something wrong with the payment.",
    "advice_status": "Open it in Meta's WhatsApp Manager: it tells why, and what to do. Until then no message goes out.",
    "advice_sandbox": "Register a number of your own before customers are to be written to.",
    "advice_health": "Do what the lines of evidence say; WhatsApp Manager shows the same under the number.",
    "advice_name": "Correct the display name in WhatsApp Manager, and have it reviewed again.",
    "advice_quality_YELLOW": "People block or report these messages: send less, to those who asked for it, and look at the "
    "templates that are rated low. The role whatsapp_guard sends less by itself.",
    "advice_quality_RED": "Stop campaigns now: Meta may restrict the number. Send only what people ask for, and look at the "
    "templates that are rated low. The role whatsapp_guard sends less by itself.",
    "advice_quality_unknown": "A new number is rated after some days of use. With 360dialog, see the rating in its hub.",
    "advice_usage": "Put off what can wait: beyond the limit Meta refuses messages that begin a conversation. It grows by "
    "itself with good quality, or by verifying the business.",
    "advice_limit_unknown": "Look at it in WhatsApp Manager under Messaging limits; if Meta calls it by a new name, look for a "
    "newer chatbot.ops.",
    "advice_account": "See in Meta's business settings what the review or the verification lacks.",
    "advice_token": "Make a new token (a system user's does not expire) and set it where this one is set.",
    "advice_expired": "The token has expired. Make a new one of a system user, which does not expire, and set it where this "
    "one is set.",
    "advice_permission": "The token may not read this number: give its system user the account, and the token "
    "whatsapp_business_management.",
    "advice_throttled": "Too many requests were made: try again later, and ask less often.",
    "advice_blocked": "Meta has blocked the account for breaking its rules: open Business Support Home, read the reason, and "
    "ask for a review.",
    "advice_billing": "Set right the payment method in Meta's billing hub (or pay the invoice of 360dialog).",
    "advice_request": "The request does not suit the interface: check phone_number_id and api_version.",
    "advice_missing": "There is no such number for this token: check phone_number_id and api_url.",
    "advice_outage": "Meta itself failed: look at https://metastatus.com/whatsapp-business-api, and try again later.",
    "advice_network": "Check the network, and api_url.",
    "why_first": "the first look: quality {quality}",
    "why_quality": "quality is {quality}: the rate is lowered to {percent} %",
    "why_near": "{sent} of {limit} conversations are used up: the rate is lowered to {percent} %",
    "why_relief": "{sent} of {limit} conversations are used up, which is few enough again",
    "why_recovered": "{days} days of green quality: the rate is raised to {percent} %",
    "why_limit": "the messaging limit is {limit} now",
    "why_rules": "what is set for this number has changed",
    "keep_green": "quality is green, nothing is to be done",
    "keep_waiting": "quality is green; the next step up is due after {days} days of it, on {due}",
    "keep_hours": "the next step up is due, within the hours that are set for it",
    "keep_lowered": "quality is {quality}: the rate stays lowered at {percent} %",
    "keep_near": "{sent} of {limit} conversations are used up: the rate stays lowered at {percent} %",
    "hold_unread": "the number could not be read: everything stays as it is",
    "hold_unsendable": "no message goes out at the moment: everything stays as it is",
    "hold_quality": "its quality is not known: everything stays as it is",
    "hold_nothing": "nothing is known of the number, and nothing was allowed so far: nothing is written",
    "note_tier": "its messaging limit is not known; {limit} is kept to",
    "note_clock": "the clock was set back: the days of green are counted from now on",
    "say_guard": "{label}: {rate} messages a second, {cap}: {why}.",
    "say_guard_none": "{label}: {why}.",
    "cap": "{n} conversation a day|{n} conversations a day",
    "no_cap": "no daily limit",
    "advice_guard": "Read the checks of its quality and its limit: they say what to do. It is raised again by itself.",
    "advice_guard_unknown": "Correct what keeps the number from being read, and run chatbot.ops.guard_whatsapp again.",
}

_SPANISH = {
    "say_connected": "{label} está conectado: los mensajes salen.",
    "say_status": "{label} no puede enviar: su estado es {status}.",
    "say_no_status": "{label}: no se sabe si está conectado.",
    "say_sandbox": "{label} está en el entorno de pruebas: solo llega a números de prueba.",
    "say_blocked": "{label} no puede enviar: Meta lo bloquea.",
    "say_limited": "{label} puede enviar, pero Meta lo limita.",
    "say_name": "{label}: su nombre visible está {status}.",
    "say_quality": "{label}: calidad {quality}.",
    "say_quality_unknown": "{label}: Meta no ha calificado su calidad.",
    "say_usage": "{label}: {sent} de {limit} conversaciones iniciadas en 24 horas ({percent} %).",
    "say_limit": "{label}: se pueden iniciar {limit} conversaciones en 24 horas; nadie contó cuántas van.",
    "say_unlimited": "{label}: se pueden iniciar cuantas conversaciones se quiera.",
    "say_limit_unknown": "{label}: no se sabe su límite de mensajes ({tier}).",
    "say_token": "El token de {label} sirve.",
    "say_token_untold": "No se sabe si el token de {label} sirve.",
    "say_token_bad": "El token de {label} no sirve.",
    "say_account": "La cuenta de {label} está {status}.",
    "say_account_unknown": "La cuenta de {label} no se pudo leer.",
    "say_unread": "{label} no se pudo leer. {problem}",
    "say_billing": "{label} no puede enviar: hay un problema con el pago.",
    "advice_status": "Ábralo en el WhatsApp Manager de Meta: dice por qué y qué hacer. Mientras tanto no sale ningún mensaje.",
    "advice_sandbox": "Registre un número propio antes de escribir a los clientes.",
    "advice_health": "Haga lo que dicen las líneas de evidencia; WhatsApp Manager muestra lo mismo en el número.",
    "advice_name": "Corrija el nombre visible en WhatsApp Manager y pida que lo revisen de nuevo.",
    "advice_quality_YELLOW": "La gente bloquea o denuncia estos mensajes: envíe menos, solo a quien lo pidió, y mire las "
    "plantillas mal calificadas. El rol whatsapp_guard envía menos por sí solo.",
    "advice_quality_RED": "Pare las campañas ya: Meta puede restringir el número. Envíe solo lo que la gente pide y mire las "
    "plantillas mal calificadas. El rol whatsapp_guard envía menos por sí solo.",
    "advice_quality_unknown": "Un número nuevo se califica tras unos días de uso. Con 360dialog, la calificación está en su hub.",
    "advice_usage": "Aplace lo que pueda esperar: pasado el límite, Meta rechaza los mensajes que inician una conversación. "
    "Crece solo con buena calidad, o al verificar la empresa.",
    "advice_limit_unknown": "Mírelo en WhatsApp Manager, en límites de mensajes; si Meta le da un nombre nuevo, busque un "
    "chatbot.ops más reciente.",
    "advice_account": "Mire en la configuración del negocio de Meta qué le falta a la revisión o a la verificación.",
    "advice_token": "Cree otro token (el de un usuario del sistema no caduca) y póngalo donde está este.",
    "advice_expired": "El token caducó. Cree otro de un usuario del sistema, que no caduca, y póngalo donde está este.",
    "advice_permission": "El token no puede leer este número: asigne la cuenta a su usuario del sistema, y al token "
    "whatsapp_business_management.",
    "advice_throttled": "Se hicieron demasiadas peticiones: repita más tarde, y pregunte menos a menudo.",
    "advice_blocked": "Meta bloqueó la cuenta por incumplir sus reglas: abra la página de ayuda para empresas, lea el motivo y "
    "pida una revisión.",
    "advice_billing": "Corrija el método de pago en la facturación de Meta (o pague la factura de 360dialog).",
    "advice_request": "La petición no conviene a la interfaz: revise phone_number_id y api_version.",
    "advice_missing": "No hay tal número para este token: revise phone_number_id y api_url.",
    "advice_outage": "Falló la propia Meta: mire https://metastatus.com/whatsapp-business-api y repita más tarde.",
    "advice_network": "Revise la red y api_url.",
    "why_first": "la primera vez que se mira: calidad {quality}",
    "why_quality": "la calidad es {quality}: el ritmo baja al {percent} %",
    "why_near": "van {sent} de {limit} conversaciones: el ritmo baja al {percent} %",
    "why_relief": "van {sent} de {limit} conversaciones, de nuevo pocas",
    "why_recovered": "{days} días de calidad verde: el ritmo sube al {percent} %",
    "why_limit": "el límite de mensajes es ahora {limit}",
    "why_rules": "cambió lo que está puesto para este número",
    "keep_green": "la calidad es verde, no hay nada que hacer",
    "keep_waiting": "la calidad es verde; el siguiente paso arriba toca tras {days} días así, el {due}",
    "keep_hours": "toca el siguiente paso arriba, en las horas que hay puestas para ello",
    "keep_lowered": "la calidad es {quality}: el ritmo sigue reducido al {percent} %",
    "keep_near": "van {sent} de {limit} conversaciones: el ritmo sigue reducido al {percent} %",
    "hold_unread": "el número no se pudo leer: todo queda como está",
    "hold_unsendable": "ahora no sale ningún mensaje: todo queda como está",
    "hold_quality": "no se sabe su calidad: todo queda como está",
    "hold_nothing": "no se sabe nada del número, y hasta ahora no se permitió nada: no se escribe nada",
    "note_tier": "no se sabe su límite de mensajes; se respeta {limit}",
    "note_clock": "se atrasó el reloj: los días de verde se cuentan desde ahora",
    "say_guard": "{label}: {rate} mensajes por segundo, {cap}: {why}.",
    "say_guard_none": "{label}: {why}.",
    "cap": "{n} conversación al día|{n} conversaciones al día",
    "no_cap": "sin límite diario",
    "advice_guard": "Lea las comprobaciones de su calidad y de su límite: dicen qué hacer. Vuelve a subir por sí solo.",
    "advice_guard_unknown": "Corrija lo que impide leer el número y repita chatbot.ops.guard_whatsapp.",
}

TEXTS = {"en": _ENGLISH, "es": _SPANISH}
_QUALITIES = {
    "en": {"GREEN": "green", "YELLOW": "yellow", "RED": "red"},
    "es": {"GREEN": "verde", "YELLOW": "amarilla", "RED": "roja"},
}
_UNKNOWN = {"en": "unknown", "es": "desconocida"}
_NO_LIMIT = {"en": "without end", "es": "sin fin"}


class Words(Format):
    """The words and the way to write of ``language`` (``en`` or ``es``)."""

    def __init__(self, language: str) -> None:
        super().__init__(language)
        self.language = language
        self._texts = TEXTS[language]

    def say(self, key: str, **values: str) -> str:
        """Return text ``key`` with ``values`` in its places."""
        return self._texts[key].format(**values)

    def count(self, key: str, number: int, **values: str) -> str:
        """Return text ``key`` in the form for ``number`` things; ``n`` in it is the number."""
        one, many = self._texts[key].split("|")
        return (one if number == 1 else many).format(n=self.number(number), **values)

    def advice(self, kind: str) -> str:
        """Return what to do about a problem of ``kind``."""
        return self._texts.get(f"advice_{kind}", self._texts["advice_request"])

    def quality(self, quality: str | None) -> str:
        """Return the rating as a word of the language; one that Meta adds as it is."""
        return _UNKNOWN[self.language] if quality is None else _QUALITIES[self.language].get(quality, quality)

    def limit(self, limit: int | None) -> str:
        """Return a limit; None: there is none."""
        return _NO_LIMIT[self.language] if limit is None else self.number(limit)


def require_language(language: str) -> str:
    """Return ``language``.

    :raises RefusedError: if there are no words of it.
    """
    if language not in TEXTS:
        raise RefusedError(f"Parameter language: {language!r} is none of {', '.join(TEXTS)}.")
    return language
