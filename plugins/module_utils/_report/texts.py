# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of the reports, in English and Spanish.

``one|many`` are the forms for one thing and for any other number of things.
"""

from __future__ import annotations

from ansible_collections.chatbot.ops.plugins.module_utils._report.texts_en import ENGLISH
from ansible_collections.chatbot.ops.plugins.module_utils._report.texts_es import SPANISH

TEXTS = {"en": ENGLISH, "es": SPANISH}
