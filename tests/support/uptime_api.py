# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Doubles of the APIs of UptimeRobot, Better Stack and healthchecks.io on 127.0.0.1."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from tests.support.uptime_service import KEY, Answer, Trouble, UptimeApi

__all__ = ["APIS", "KEY", "Answer", "BetterStackApi", "HealthchecksApi", "Trouble", "UptimeApi", "UptimeRobotApi"]


class UptimeRobotApi(UptimeApi):
    """UptimeRobot's."""

    provider = "uptimerobot"
    prefix = "/v3"
    contacts = (
        {"id": 11, "friendlyName": "Ops", "type": "Email", "value": "ops@example.com", "status": "Active"},
        {"id": 12, "friendlyName": None, "type": "Email", "value": "ana@example.com", "status": "Active"},
    )
    integrations = ({"id": 21, "friendlyName": "#alerts", "type": "Slack", "value": "https://hooks.slack.com/…"},)

    def is_key(self, headers: Mapping[str, str]) -> bool:
        return headers.get("Authorization") == f"Bearer {KEY}"

    def error(self, status: int, message: str) -> Answer:
        return Answer(status, {"message": message, "statusCode": status})

    def add(self, name: str, url: str, status: str = "UP", **more: Any) -> str:
        """Add a monitor of another hand."""
        number = self.number()
        base = {"id": int(number), "friendlyName": name, "url": url, "status": status, "type": "HTTP", "interval": 300}
        self.monitors[number] = {**base, "keywordType": None, "keywordValue": "", "assignedAlertContacts": [], **more}
        return number

    def act(self, method: str, words: list[str], query: dict[str, str], body: Any) -> Answer:
        match method, words:
            case "GET", ["user", "alert-contacts"]:
                return Answer(200, list(self.contacts))
            case "GET", ["integrations"]:
                return Answer(200, {"data": list(self.integrations), "nextLink": None})
            case "GET", ["monitors"]:
                return self._page(int(query.get("cursor", 0)))
            case "POST", ["monitors"]:
                return self._create(body)
        if words[0] != "monitors" or self.look_there(words[1]) is None:
            return self.error(404, "Monitor not found")
        return self._change(method, words[1], words[2:], body)

    def look_there(self, number: str) -> dict[str, Any] | None:
        """Return a monitor that is there, or was until lately."""
        return self.monitors.get(number) or (self._stale[number][1] if number in self._stale else None)

    def _page(self, begin: int) -> Answer:
        found = list(self.monitors.values())
        end = begin + self.page_size
        link = f"https://api.uptimerobot.com/v3/monitors?cursor={end}" if end < len(found) else None
        return Answer(200, {"data": found[begin:end], "nextLink": link})

    def _create(self, body: Any) -> Answer:
        wrong = self.fits("create", body)
        if wrong:
            return self.error(400, wrong)
        number = self.add(body["friendlyName"], body["url"], "STARTED")
        self.monitors[number] |= self._shown(body)
        return Answer(201, self.monitors[number])

    def _change(self, method: str, number: str, more: list[str], body: Any) -> Answer:
        if method == "GET":
            shown = self.look(number)
            return Answer(200, shown) if shown else self.error(404, "Monitor not found")
        if method == "DELETE":
            self.change(number, None)
            return Answer(204)
        monitor = self.monitors[number]
        if method == "POST" and more in (["pause"], ["start"]) and body == {}:
            self.change(number, {**monitor, "status": "PAUSED" if more == ["pause"] else "STARTED"})
            return Answer(200, self.monitors[number])  # pylint: disable=unnecessary-dict-index-lookup
        wrong = self.fits("update", body) if method == "PATCH" else "no such method"
        if not wrong and body["type"] != monitor["type"]:
            wrong = "type cannot be changed"
        if wrong:
            return self.error(400, wrong)
        self.change(number, {**monitor, **self._shown(body)})
        return Answer(200, self.monitors[number])  # pylint: disable=unnecessary-dict-index-lookup

    def _shown(self, body: dict[str, Any]) -> dict[str, Any]:
        found = self.taken(body)
        if "assignedAlertContacts" in found:  # it answers numbers
            found["assignedAlertContacts"] = [
                {**each, "alertContactId": int(each["alertContactId"])}
                for each in reversed(found["assignedAlertContacts"])
            ]
        return found


class BetterStackApi(UptimeApi):
    """Better Stack's."""

    provider = "betterstack"
    prefix = "/api/v2"

    def is_key(self, headers: Mapping[str, str]) -> bool:
        return headers.get("Authorization") == f"Bearer {KEY}"

    def error(self, status: int, message: str) -> Answer:
        return Answer(status, {"errors": {"base": [message]} if status == 422 else message})

    def add(self, name: str, url: str, status: str = "up", **more: Any) -> str:
        """Add a monitor of another hand."""
        number = self.number()
        base = {"pronounceable_name": name, "url": url, "status": status, "monitor_type": "status", "paused": False}
        shown = {"required_keyword": None, "policy_id": None, "check_frequency": 180, "http_method": "get"}
        self.monitors[number] = {"id": number, "type": "monitor", "attributes": {**base, **shown, **more}}
        return number

    def act(self, method: str, words: list[str], query: dict[str, str], body: Any) -> Answer:
        if words[0] != "monitors":
            return self.error(404, "Not found")
        if len(words) == 1:
            return self._page(query) if method == "GET" else self._create(body)
        shown = self.look(words[1]) if method == "GET" else self.monitors.get(words[1])
        if shown is None:
            return self.error(404, "Resource with provided ID was not found")
        if method == "GET":
            return Answer(200, {"data": shown})
        if method == "DELETE":
            self.change(words[1], None)
            return Answer(204)
        wrong = self.fits("update", body)
        if wrong:
            return self.error(422, wrong)
        attributes = {**shown["attributes"], **self.taken(body)}
        if "paused" in body:
            attributes["status"] = "paused" if body["paused"] else "pending"
        self.change(words[1], {**shown, "attributes": attributes})
        return Answer(200, {"data": self.monitors[words[1]]})

    def _page(self, query: dict[str, str]) -> Answer:
        assert int(query["per_page"]) <= 250
        page = int(query.get("page", 1))
        found = list(self.monitors.values())
        rest = found[page * self.page_size :]
        following = f"https://uptime.betterstack.com/api/v2/monitors?page={page + 1}&per_page=250" if rest else None
        begin = (page - 1) * self.page_size
        return Answer(200, {"data": found[begin : begin + self.page_size], "pagination": {"next": following}})

    def _create(self, body: Any) -> Answer:
        wrong = self.fits("create", body)
        if wrong:
            return self.error(422, wrong)
        more = {name: value for name, value in self.taken(body).items() if name not in ("pronounceable_name", "url")}
        number = self.add(body["pronounceable_name"], body["url"], "pending", **more)
        return Answer(201, {"data": self.monitors[number]})


class HealthchecksApi(UptimeApi):
    """healthchecks.io's."""

    provider = "healthchecks"
    prefix = "/api/v3"
    channels = (
        {"id": "4ec5a071-2d08-4baa-898a-eb4eb3cd6941", "name": "Slack #alerts", "kind": "slack"},
        {"id": "1bdea468-03bf-47b8-ab27-29a9dd0e4b94", "name": "ops@example.com", "kind": "email"},
    )

    def is_key(self, headers: Mapping[str, str]) -> bool:
        return headers.get("X-Api-Key", headers.get("X-api-key")) == KEY

    def error(self, status: int, message: str) -> Answer:
        return Answer(status, {"error": message})

    def add(self, name: str, slug: str, status: str = "up", **more: Any) -> str:
        """Add a check of another hand."""
        number = f"803f680d-e89b-492b-82ef-2be7b774a{self.number()}"
        base = {"name": name, "slug": slug, "grace": 3600, "status": status, "channels": "", "timeout": 86400}
        update_url = f"https://healthchecks.io/api/v3/checks/{number}"
        addresses = {"update_url": update_url, "ping_url": f"https://hc-ping.com/{number}"}
        self.monitors[number] = {**base, **addresses, **more}
        return number

    def act(self, method: str, words: list[str], _query: dict[str, str], body: Any) -> Answer:
        match method, words:
            case "GET", ["channels"]:
                return Answer(200, {"channels": list(self.channels)})
            case "GET", ["checks"]:
                return Answer(200, {"checks": list(self.monitors.values())})
            case "POST", ["checks"]:
                return self._create(body)
        shown = self.look(words[1]) if method == "GET" else self.monitors.get(words[1])
        if words[0] != "checks" or shown is None:
            return self.error(404, "not found")
        match method, words[2:]:
            case "GET", []:
                return Answer(200, shown)
            case "DELETE", []:
                self.change(words[1], None)
                return Answer(200, shown)
            case "POST", ["pause"]:
                self.change(words[1], {**shown, "status": "paused"})
            case "POST", ["resume"] if shown["status"] != "paused":
                return self.error(409, "check is not paused")
            case "POST", ["resume"]:
                self.change(words[1], {**shown, "status": "new"})
            case _:
                wrong = self.fits("update", body)
                if wrong:
                    return self.error(400, f"json validation error: {wrong}")
                self.change(words[1], self._merged(shown, body))
        return Answer(200, self.monitors[words[1]])

    def _create(self, body: Any) -> Answer:
        wrong = self.fits("create", body)
        if wrong:
            return self.error(400, f"json validation error: {wrong}")
        for number, each in self.monitors.items():
            if body.get("unique") and all(each[name] == body[name] for name in body["unique"]):
                self.change(number, self._merged(each, body))
                return Answer(200, self.monitors[number])  # pylint: disable=unnecessary-dict-index-lookup
        number = self.add(body["name"], body["slug"], "new")
        self.monitors[number] = self._merged(self.monitors[number], body)
        return Answer(201, self.monitors[number])

    def _merged(self, shown: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
        """A check has a schedule or a period, never both."""
        taken = {name: value for name, value in self.taken(body).items() if name != "unique"}
        other = {"schedule": ("timeout",), "timeout": ("schedule", "tz")}
        gone = {name for key, names in other.items() if key in taken for name in names}
        return {name: value for name, value in {**shown, **taken}.items() if name not in gone}


APIS: dict[str, type[UptimeApi]] = {each.provider: each for each in (UptimeRobotApi, BetterStackApi, HealthchecksApi)}


def main() -> None:
    """Be a service of one's own: ``python -m tests.support.uptime_api <provider> <port>``."""
    api = APIS[sys.argv[1]](int(sys.argv[2]))
    api._http.serve_forever()


if __name__ == "__main__":
    main()
