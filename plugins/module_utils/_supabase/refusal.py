# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Management API refused, in words that say what to do next. Pure."""

from __future__ import annotations

from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError, RefusedError, ToolError

_PITR_OFF = "PITR is not enabled"
#: What point-in-time recovery asks for; https://supabase.com/docs/guides/platform/backups
PITR_ADVICE = (
    "Point-in-time recovery is an add-on of the paid plans (it needs the Small compute size or larger): enable it in the "
    "dashboard before the next incident; for now, restore a managed backup or a dump"
)
_ADVICE = {
    400: "the request does not suit the project; look at the project in the dashboard",
    401: "the access token is wrong, revoked or expired; make a new one at "
    "https://supabase.com/dashboard/account/tokens",
    402: "the organization's plan does not include it; upgrade, or restore a dump",
    403: "the access token may not do so; its owner must be Owner or Administrator of the organization, and a scoped token "
    "needs {permission}",
    404: "there is no such project for this token; check project_ref, and that the token's owner belongs to its "
    "organization",
    409: "something else is going on with the project; wait until that is done",
    429: "the account's limit of requests is used up (120 a minute as a rule); try again later, and less often",
}
_FAILED = "Supabase itself failed; look at https://status.supabase.com, and try again later"


def refusal(what: str, status: int, said: str, permission: str) -> OpsError:
    """Return the error for an answer with ``status``.

    :param what: what failed, such as ``Failed to list the backups of project x``.
    :param said: what the API says of it.
    :param permission: the one that the request needs.
    """
    if _PITR_OFF in said:
        return RefusedError(f"{what}: {said} {PITR_ADVICE}.", status_code=status)
    advice = _ADVICE.get(status, _FAILED if status >= 500 else _ADVICE[400]).format(permission=permission)
    words = f" ({said})" if said else ""
    kind = ToolError if status >= 500 or status == 429 else RefusedError
    return kind(f"{what}: HTTP {status}{words}: {advice}.", status_code=status)
