# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A notice as the messages of a chat that takes no longer ones. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from ansible_collections.chatbot.ops.plugins.module_utils._notify.writer import Notice

#: So many messages of one notice are read; more of them bury it. One digit, as the room for their numbers is kept.
MOST = 5
_GAP = "\n\n"

Size = Callable[[str], int]


def messages(notice: Notice, room: int, size: Size) -> list[str]:
    """Return ``notice`` as at most MOST messages, in order, each with its subject; the last one tells what is left out.

    :param room: how long one may be, as ``size`` measures it; more than the subject takes.
    :param size: how long a text is, as the chat counts: the sum of its characters.
    """
    whole = notice.subject + _GAP + notice.text
    if size(whole) <= room:
        return [whole]
    room -= size(_head(notice, MOST, MOST))
    paragraphs = notice.text.split(_GAP)
    pieces = [(number, each) for number, text in enumerate(paragraphs) for each in _pieces(text, room, size)]
    pages: list[list[tuple[int, str]]] = [[]]
    for piece in pieces:
        if size(_joined([*pages[-1], piece])) > room:
            pages.append([])
        pages[-1].append(piece)
    texts = [_joined(each) for each in pages[:MOST]]
    if len(pages) > MOST:
        texts[-1] = _last(notice, pages, room, size)
    return [_head(notice, number, len(texts)) + text for number, text in enumerate(texts, start=1)]


def _last(notice: Notice, pages: Sequence[list[tuple[int, str]]], room: int, size: Size) -> str:
    """Return the last page that is sent, with how many paragraphs are not there, or not wholly."""
    kept, left = list(pages[MOST - 1]), {number for page in pages[MOST:] for number, _piece in page}
    while size(text := _joined([*kept, (-1, notice.more(len(left)))])) > room:
        left.add(kept.pop()[0])
    return text


def _head(notice: Notice, number: int, count: int) -> str:
    return f"{notice.subject} ({number}/{count}){_GAP}"


def _joined(pieces: Sequence[tuple[int, str]]) -> str:
    return _GAP.join(text for _number, text in pieces)


def _pieces(text: str, room: int, size: Size) -> Iterator[str]:
    """Yield ``text`` in pieces that have room, cut at the end of a line or a word where that is not far."""
    while size(text) > room:
        end, used = 0, 0
        while used + size(text[end]) <= room:
            used += size(text[end])
            end += 1
        cut = next((at for at in (text.rfind(each, end // 2, end) for each in "\n ") if at > 0), end)
        yield text[:cut]
        text = text[cut:].lstrip()
    yield text
