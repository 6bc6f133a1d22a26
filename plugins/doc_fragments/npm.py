# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the modules that ask npm."""

from __future__ import annotations


class ModuleDocFragment:
    """Where npm runs, which registry it asks, and for how long."""

    DOCUMENTATION: str = r"""
options:
  where:
    description:
      - Where npm runs. V(auto) is the host if it has npm, else a container of O(image).
    type: str
    choices:
      - auto
      - host
      - container
    default: auto
  image:
    description:
      - An image on the host that has npm, by name or id, such as the one that the stack's API runs in. It is not pulled.
    type: str
  network:
    description:
      - The network of that container, by Docker's name. By default, it is Docker's own.
    type: str
  registry:
    description:
      - The address of the registry. By default, it is the one that the project's C(.npmrc) or npm itself names.
    type: str
  ca_bundle:
    description:
      - A file on the host with the certificates of the authorities that the registry's is signed by, beside the usual ones.
    type: path
  time_limit:
    description:
      - How long one run of npm may take.
    type: str
    default: 2m
requirements:
  - npm 9 or newer on the host, or in an image of its Docker.
"""
