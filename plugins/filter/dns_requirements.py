# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter chatbot.ops.dns_requirements."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

from ansible.errors import AnsibleFilterError

# One by one: ansible-doc reads no tuple.
_GENERAL = "community.general"
_DNS = "community.dns"
_AWS = "amazon.aws"
# Of each provider: the collection, its module, the Python libraries by their packages.
_NEEDS = {
    "cloudflare": (_GENERAL, "cloudflare_dns", {}),
    "hetzner": (_DNS, "hetzner_dns_record_set", {}),
    "rfc2136": (_GENERAL, "nsupdate", {}),
    "route53": (_AWS, "route53", {"boto3": "boto3"}),
}
# For what asks the name servers.
_ALWAYS = {"dns": "dnspython"}


def dns_requirements(provider: str) -> list[str]:
    """Return what is missing on the controller to change records at a provider, each with the command that installs it.

    :raises AnsibleFilterError: if the provider is unknown.
    """
    if provider not in _NEEDS:
        raise AnsibleFilterError(f"{provider!r} is none of {', '.join(_NEEDS)}")
    collection, module, libraries = _NEEDS[provider]
    missing = []
    if not _is_there(f"ansible_collections.{collection}.plugins.modules.{module}"):
        missing.append(f"the collection {collection} (ansible-galaxy collection install {collection})")
    for name, package in {**_ALWAYS, **libraries}.items():
        if not _is_there(name):
            missing.append(f"the Python library {package} (pip install {package}, for the Python that runs Ansible)")
    return missing


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ImportError:  # of a package above it
        return False


class FilterModule:
    """Gives the filter to Ansible."""

    def filters(self) -> dict[str, Callable[..., list[str]]]:
        """Return the filter by its name."""
        return {"dns_requirements": dns_requirements}
