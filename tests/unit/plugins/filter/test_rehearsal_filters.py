# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters hand on what the library returns, and what it refuses as an error of Ansible."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.chatbot.ops.plugins.filter.rehearsal_collect import FilterModule as Collect
from ansible_collections.chatbot.ops.plugins.filter.rehearsal_report import FilterModule as Report
from ansible_collections.chatbot.ops.plugins.filter.rehearsal_summary import FilterModule as Summary
from ansible_collections.chatbot.ops.plugins.module_utils._report.page import page_values
from ansible_collections.chatbot.ops.plugins.module_utils._report.summary import summary_lines

from tests.unit.plugins.module_utils._report.rehearsals import findings, record


def test_they_return_what_the_library_returns() -> None:
    assert Collect().filters()["rehearsal_collect"](findings()) == record()
    assert Report().filters()["rehearsal_report"](record()) == page_values(record())
    assert Summary().filters()["rehearsal_summary"](record()) == summary_lines(record())


@pytest.mark.parametrize(
    ("plugin", "name", "given", "message"),
    [
        pytest.param(
            Collect, "rehearsal_collect", findings(objectives={"rto": "soon", "rpo": ""}), "objective_rto", id="collect"
        ),
        pytest.param(Report, "rehearsal_report", [], "no dictionary", id="report"),
        pytest.param(Summary, "rehearsal_summary", {"format": 99}, "format 99", id="summary"),
    ],
)
def test_what_is_refused_is_an_error_of_ansible(plugin: Any, name: str, given: Any, message: str) -> None:
    with pytest.raises(AnsibleFilterError, match=message):
        plugin().filters()[name](given)
