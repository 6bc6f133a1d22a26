# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option that tells whose database it is."""

from __future__ import annotations


class ModuleDocFragment:
    """Who runs the server, and owns part of the database."""

    DOCUMENTATION: str = r"""
options:
  provider:
    description:
      - V(postgres) is a server whose database is all the user's own.
      - V(supabase) is the database of a Supabase project. The schemas, roles and extensions that Supabase makes in each
        project are left out of a dump and left alone by a restore. The rows of its schemas C(auth), C(storage), C(cron),
        C(net), C(pgmq) and C(supabase_functions) are backed up and restored, as far as the user may do so. Secrets of the
        vault and the files of Supabase Storage are not part of it.
      - Connect directly or by the session pooler (port 5432). The pooler's transaction mode (port 6543) is refused.
    type: str
    choices:
      - postgres
      - supabase
    default: postgres
"""
