# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters of the role dns."""

from __future__ import annotations

from importlib.machinery import ModuleSpec

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.chatbot.ops.plugins.filter import dns_requirements as requirements
from ansible_collections.chatbot.ops.plugins.filter.dns_plan import FilterModule as Plan

missing = requirements.FilterModule().filters()["dns_requirements"]


def test_a_plan_is_made_and_a_refusal_is_an_error_of_ansible() -> None:
    make = Plan().filters()["dns_plan"]
    answer = {"addresses": ["192.0.2.1"], "addresses_v6": [], "ttl": 60, "ttl_v6": None, "problem": None}
    record = {"name": "bot.example.org", "cname": None, "other_zone": None, "problems": [], "answers": [answer]}
    assert make({"purpose": "ttl", "records": [record], "ttl": 60})["changes"] == []
    with pytest.raises(AnsibleFilterError, match="is an alias"):
        make({"purpose": "ttl", "records": [{**record, "cname": "example.net"}], "ttl": 60})


@pytest.mark.parametrize("provider", ["cloudflare", "hetzner", "rfc2136", "route53"])
def test_this_machine_lacks_nothing(provider: str) -> None:
    assert missing(provider) == []


def test_what_is_missing_is_told_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(name: str) -> ModuleSpec | None:
        if name.startswith("ansible_collections."):
            raise ModuleNotFoundError(name)
        return None

    monkeypatch.setattr(requirements, "find_spec", find)
    assert missing("route53") == [
        "the collection amazon.aws (ansible-galaxy collection install amazon.aws)",
        "the Python library dnspython (pip install dnspython, for the Python that runs Ansible)",
        "the Python library boto3 (pip install boto3, for the Python that runs Ansible)",
    ]


def test_an_unknown_provider_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="'bind' is none of cloudflare"):
        missing("bind")
