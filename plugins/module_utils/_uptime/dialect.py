# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the services have in common: how each is asked, read and told. Pure."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import urlsplit

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import RefusedError, ToolError
from ansible_collections.chatbot.ops.plugins.module_utils._uptime.plan import Action, Contact, Found, Wanted

T = TypeVar("T")
#: Method, path behind the service's address, and body.
Request = tuple[str, str, Any]


class Dialect(ABC):
    """One service's way to talk. ``fixed`` are the settings that it cannot change."""

    title = ""
    url = ""
    #: The environment variable that may hold the key.
    variable = ""
    list_path = ""
    contact_paths: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    #: The setting that tells what kind of monitor it is, and those kinds that are managed here. None: there is one kind.
    kinds: tuple[str, tuple[str, ...]] | None = None

    def require_known(self, found: Found) -> None:
        """Refuse a monitor of a kind that is not managed here: to change it would be to lose it.

        :raises RefusedError: with what to do.
        """
        if self.kinds is None or found.fields.get(self.kinds[0]) in self.kinds[1]:
            return
        raise RefusedError(
            f"Monitor {found.name} of {self.title} ({found.id}) is one of the kind {found.fields.get(self.kinds[0])}, which is "
            "not managed here. Rename or delete it in the dashboard, or choose another name."
        )

    @abstractmethod
    def headers(self, key: str) -> dict[str, str]:
        """Return what each request carries."""

    @abstractmethod
    def check(self, wanted: Wanted) -> None:
        """Refuse what the service cannot do, naming the parameter.

        :raises RefusedError: with what to do.
        """

    @abstractmethod
    def fields(self, wanted: Wanted, contacts: tuple[str, ...] | None) -> dict[str, Any]:
        """Return the settings of ``wanted``, as they are sent and as :meth:`monitor` reads them."""

    @abstractmethod
    def page(self, document: Any) -> tuple[list[Found], str | None]:
        """Return the monitors of one page of the list, and the path of the next page."""

    @abstractmethod
    def monitor(self, document: Any) -> Found:
        """Return the monitor that a document describes."""

    def contacts(self, document: Any) -> list[Contact]:
        """Return the contacts in an answer to one of ``contact_paths``."""
        raise NotImplementedError

    def contacts_of(self, names: Sequence[str]) -> tuple[str, ...] | None:
        """Return the ids of contacts that need no looking up; None if they do."""
        del names
        return None

    @abstractmethod
    def request(self, action: Action, monitor_id: str) -> Request:
        """Return the request that does ``action``."""

    def read(self, document: Any, reader: Callable[[Any], T], what: str) -> T:
        """Return what ``reader`` makes of an answer.

        :raises ToolError: if it has another shape.
        """
        try:
            return reader(document)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise ToolError(
                f"{self.title} answered something that is no description of {what} ({error!r}). Its interface may have "
                "changed: look for a newer chatbot.ops."
            ) from error


def require_address(wanted: Wanted, title: str) -> None:
    """Refuse a monitor of a site without its address.

    :raises RefusedError: with what to set.
    """
    if wanted.state == "absent":
        return
    parts = urlsplit(wanted.url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise RefusedError(
            f"Parameter url: {wanted.url!r} is no address that {title} can visit. Write it as https://bot.example.com/health."
        )


def next_path(list_path: str, link: str | None) -> str | None:
    """Return the path of the next page that ``link`` leads to; the key goes to no other server, whatever it says."""
    query = urlsplit(link or "").query
    return f"{list_path.partition('?')[0]}?{query}" if query else None


def status_of(word: Any, words: Mapping[str, str]) -> str:
    """Return the common word for a service's own; one that nobody knows is ``unknown``."""
    return words.get(str(word).lower(), "unknown")
