# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What all judgements have in common: how a fact becomes a check result. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.chatbot.ops.plugins.module_utils._core.check import Check, Limit, worst
from ansible_collections.chatbot.ops.plugins.module_utils._health.limits import DEFAULTS
from ansible_collections.chatbot.ops.plugins.module_utils._health.texts import Words

#: What is asked by its own name: the component is that, not the kind.
_NAMED = ("api.", "tls.", "container.")


class Judge:
    """Turns facts into check results, in the words of a language, against limits by their names."""

    def __init__(self, words: Words, limits: Mapping[str, Limit]) -> None:
        self.words, self.limits = words, limits

    def measured(
        self,
        identity: str,
        limit: str,
        value: float,
        summary: str,
        *,
        advice: str = "",
        evidence: Sequence[str] = (),
        least: str = "ok",
        **values: str,
    ) -> Check:
        """Return the check of a number against its limit.

        :param advice: the text that tells what to do where it is not well; ``values`` are for its places.
        :param least: the state that it has in any case, for what its number does not show.
        """
        held = self.limits[limit]
        status = worst([held.judge(value), least])
        return Check(
            *(
                identity,
                _component(identity),
                status,
                summary,
                value,
                DEFAULTS[limit].unit,
                held.warning,
                held.critical,
            ),
            evidence=tuple(evidence),
            advice=self.words.say(advice, **values) if advice and status != "ok" else "",
        )

    def plain(
        self,
        identity: str,
        status: str,
        summary: str,
        *,
        advice: str = "",
        evidence: Sequence[str] = (),
        **values: str,
    ) -> Check:
        """Return a check that has no number."""
        told = self.words.say(advice, **values) if advice and status != "ok" else ""
        return Check(identity, _component(identity), status, summary, evidence=tuple(evidence), advice=told)

    def unknown(self, identity: str, title: str, problem: Any, *, advice: str = "advice_unknown") -> Check:
        """Return the check of what could not be found out: ``title`` says what, ``problem`` why."""
        said = self.words.say("say_unknown", what=self.words.say(title), problem=reason(problem))
        return self.plain(identity, "unknown", said, advice=advice)


def _component(identity: str) -> str:
    kind, _dot, rest = identity.partition(".")
    return rest.rpartition(".")[0] if identity.startswith(_NAMED) else kind


def reason(problem: Any) -> str:
    """Return why something is not known or not well, for the midst of a sentence."""
    return " ".join(str(problem).split()).rstrip(".")
