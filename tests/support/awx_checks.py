# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWX 24.6.1 refuses of surveys, schedules and types of credentials, as its own serializers do."""

from __future__ import annotations

import re
from typing import Any

Object = dict[str, Any]

_QUESTIONS = {"text": str, "textarea": str, "password": str, "multiplechoice": str, "multiselect": str}
_QUESTIONS_OF_NUMBERS = {"integer": int, "float": (float, int)}


class RefusedError(Exception):
    """What AWX answers 400 to."""

    def __init__(self, **problems: str) -> None:
        super().__init__(str(problems))
        self.problems = problems


def check_survey(spec: Any) -> None:
    """As JobTemplateSurveySpec does.

    :raises RefusedError: if AWX takes no such survey.
    """
    for name, kind in {"name": str, "description": str, "spec": list}.items():
        if not isinstance(spec.get(name), kind):
            raise RefusedError(error=f"Expected {kind.__name__} for field '{name}'")
    if not spec["spec"]:
        raise RefusedError(error="'spec' doesn't contain any items.")
    seen: set[str] = set()
    for question in spec["spec"]:
        for name, wanted in {"type": str, "question_name": str, "variable": str, "required": bool}.items():
            if not isinstance(question.get(name), wanted):
                raise RefusedError(error=f"'{name}' in survey question {question} expected to be {wanted.__name__}.")
        kinds: dict[str, Any] = {**_QUESTIONS, **_QUESTIONS_OF_NUMBERS}
        if question["type"] not in kinds or question["variable"] in seen:
            raise RefusedError(error=f"The type or the variable of {question} cannot be.")
        if question.get("default", "") != "" and not isinstance(question["default"], kinds[question["type"]]):
            raise RefusedError(error=f"The default of {question} is none.")
        if question["type"].startswith("multi") and not question.get("choices"):
            raise RefusedError(error=f"{question} must specify choices.")
        seen.add(question["variable"])


def check_rrule(rule: str) -> None:
    """As SchedulePreviewSerializer does.

    :raises RefusedError: if AWX takes no such rule.
    """
    if len(re.findall(r"DTSTART(?:;[^:]+)?:[0-9]+T[0-9]+Z?", rule)) != 1 or re.search(r"DTSTART:[0-9]+T[0-9]+ ", rule):
        raise RefusedError(rrule="One DTSTART with a time zone is required.")
    rules = re.findall(r"RULE:\S*", rule)
    if not rules or any("INTERVAL" not in each or "SECONDLY" in each for each in rules):
        raise RefusedError(rrule="INTERVAL required in rrule, SECONDLY is not supported.")
    if any(re.search(r"BYDAY[:=][0-9]+[a-zA-Z]{2}|COUNT=[0-9]{4}|COUNT.*UNTIL|UNTIL.*COUNT", each) for each in rules):
        raise RefusedError(rrule="BYDAY with numeric prefix, COUNT > 999, or both COUNT and UNTIL.")
    if re.search(r"(EX|R)DATE:", rule):
        raise RefusedError(rrule="EXDATE and RDATE not allowed in rrule.")


def check_extra_data(given: Object, template: Object, survey: Object) -> None:
    """As LaunchConfigurationBaseSerializer does: a schedule may say what its template asks for.

    :raises RefusedError: if AWX takes no such variables.
    """
    asked = {each["variable"] for each in survey.get("spec", [])} if template.get("survey_enabled") else set()
    if not template.get("ask_variables_on_launch") and set(given.get("extra_data") or {}) - asked:
        raise RefusedError(extra_data="Variables are not allowed on launch. Check the Prompt on Launch setting.")


def check_credential_type(given: Object) -> None:
    """As CredentialTypeInputField and CredentialTypeInjectorField do.

    :raises RefusedError: if AWX takes no such type.
    """
    if given.get("kind") not in ("cloud", "net"):
        raise RefusedError(kind="Must be cloud or net.")
    fields = {each["id"]: each for each in given["inputs"]["fields"]}
    for each in fields.values():
        if (
            not {"id", "label"}
            <= set(each)
            <= {"id", "label", "type", "secret", "multiline", "help_text", "choices", "format"}
        ):
            raise RefusedError(inputs=f"{each} is no field.")
    if set(given["inputs"]) - {"fields", "required"} or set(given["inputs"].get("required", [])) - set(fields):
        raise RefusedError(inputs="A field is required that is none.")
    if set(given["injectors"]) - {"file", "env", "extra_vars"}:
        raise RefusedError(injectors="There is no such place to inject into.")
    for places in given["injectors"].values():
        for template in places.values():
            used = set(re.findall(r"{{\s*(\w+)\s*}}", template))
            if not used or used - set(fields):
                raise RefusedError(injectors=f"{template} names no field.")
