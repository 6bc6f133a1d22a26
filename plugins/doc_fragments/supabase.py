# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of every module that talks to Supabase's Management API."""

from __future__ import annotations


class ModuleDocFragment:
    """Which project, and how the API is reached."""

    DOCUMENTATION: str = r"""
options:
  project_ref:
    description:
      - The project's reference, the 20 letters in the address of its dashboard.
    type: str
    required: true
  access_token:
    description:
      - A personal access token of Supabase, made at U(https://supabase.com/dashboard/account/tokens).
      - Without it, the environment variable E(SUPABASE_ACCESS_TOKEN) is used.
      - A scoped one needs C(project_admin_read) and C(backups_read); to restore, C(backups_write) too; for the plan,
        C(organization_admin_read).
    type: str
  api_url:
    description:
      - Where the Management API is. Without TLS, only on the host itself.
    type: str
    default: https://api.supabase.com
  request_timeout:
    description:
      - How long one request may take.
    type: str
    default: 30s
  retry_limit:
    description:
      - For how long a request is tried again where the network or Supabase fails, or where Supabase asks for fewer
        requests. A request that changes something is sent again only if it surely had no effect.
    type: str
    default: 3m
"""
