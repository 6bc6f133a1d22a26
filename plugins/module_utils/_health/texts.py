# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of the checks. ``one|many`` are the forms for one thing and any other number."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.chatbot.ops.plugins.module_utils._health.texts_en import ENGLISH
from ansible_collections.chatbot.ops.plugins.module_utils._health.texts_es import SPANISH
from ansible_collections.chatbot.ops.plugins.module_utils._report.format import Format

TEXTS: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "es": SPANISH}


class Words(Format):
    """The words and the way to write of ``language`` (``en`` or ``es``)."""

    def __init__(self, language: str) -> None:
        super().__init__(language)
        self._texts = TEXTS[language]

    def say(self, key: str, **values: str) -> str:
        """Return text ``key`` with ``values`` in its places."""
        return self._texts[key].format(**values)

    def count(self, key: str, number: int, **values: str) -> str:
        """Return text ``key`` in the form for ``number`` things; ``n`` in it is the number."""
        one, many = self._texts[key].split("|")
        return (one if number == 1 else many).format(n=self.number(number), **values)
