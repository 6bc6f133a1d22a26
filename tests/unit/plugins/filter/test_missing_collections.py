# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the controller lacks is told before a role begins."""

from __future__ import annotations

from ansible_collections.chatbot.ops.plugins.filter.missing_collections import FilterModule


def test_only_those_that_are_missing_are_told_each_with_its_command() -> None:
    missing = FilterModule().filters()["missing_collections"]
    assert missing(["chatbot.ops"]) == []
    assert missing(["chatbot.ops", "nobody.nothing", "chatbot.nothing"]) == [
        "the collection nobody.nothing (ansible-galaxy collection install nobody.nothing)",
        "the collection chatbot.nothing (ansible-galaxy collection install chatbot.nothing)",
    ]
