# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report says, in one language: texts with their values in place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ansible_collections.chatbot.ops.plugins.module_utils._report.format import Format
from ansible_collections.chatbot.ops.plugins.module_utils._report.texts import TEXTS


class Words(Format):
    """The words and the way to write of ``language`` (``en`` or ``es``)."""

    def __init__(self, language: str, more: Mapping[str, Mapping[str, str]] | None = None) -> None:
        """Take the texts of ``language``; ``more`` holds those of one kind of page, by language."""
        super().__init__(language)
        self.language = language
        self._texts = {**TEXTS[language], **(more or {}).get(language, {})}

    def say(self, key: str, **values: str) -> str:
        """Return text ``key`` with ``values`` in its places."""
        return self._texts[key].format(**values)

    def count(self, key: str, number: int, **values: str) -> str:
        """Return text ``key`` in the form for ``number`` things; ``n`` in it is the number."""
        one, many = self._texts[key].split("|")
        return (one if number == 1 else many).format(n=self.number(number), **values)

    def known(self, key: str) -> bool:
        """Tell whether there is a text ``key``."""
        return key in self._texts

    def source(self, name: str) -> str:
        """Return how a source is called; one that is unknown here by its own name."""
        return self._texts.get(name, name)

    def sources(self, names: Iterable[str]) -> str:
        """Return an enumeration of sources within a sentence: ``the database and n8n``."""
        return self.listed([self._texts.get(f"the_{name}", name) for name in names])


def opening(text: str) -> str:
    """Return ``text`` as the beginning of a sentence or a title. n8n is always written small."""
    return text if text.startswith("n8n") else text[:1].upper() + text[1:]
