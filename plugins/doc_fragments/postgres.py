# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of every module that talks to a PostgreSQL server."""

from __future__ import annotations

_CONNECTION = r"""
options:
  dsn:
    description:
      - A connection string, C(postgresql://user:password@host:port/dbname) or C(key=value) pairs.
      - The options below go before it. What neither names comes from libpq's environment (E(PGHOST) and so on).
    type: str
  host:
    description:
      - The server's name or address, or the folder of its socket.
    type: str
  port:
    description:
      - The server's port.
    type: int
  user:
    description:
      - The user to connect as.
    type: str
  password:
    description:
      - The user's password. It reaches the client programs by their environment.
      - Without it, libpq looks for it where it always does, such as C(~/.pgpass).
    type: str
  dbname:
    description:
      - The database.
    type: str
  sslmode:
    description:
      - How far TLS is insisted on.
    type: str
    choices:
      - disable
      - allow
      - prefer
      - require
      - verify-ca
      - verify-full
  container:
    description:
      - The container that the server runs in, by its name, or the service of Docker Compose. This takes root.
      - Address, user, password and database are found out from the container (E(POSTGRES_USER), E(POSTGRES_PASSWORD),
        E(POSTGRES_DB)) where no option gives them. Its own client programs are used, so that they suit the server.
    type: str
  project:
    description:
      - The Docker Compose project that O(container) belongs to, where more than one has such a service.
    type: str
  bin_dir:
    description:
      - The folder of the client programs, if they are in none of the usual places.
      - The oldest ones that are not older than the server are used. Older ones are refused.
    type: path
"""

_JOBS = r"""
  jobs:
    description:
      - How many connections restore and prove at the same time.
      - As many as there are cores, if it is not set.
    type: int
"""


class ModuleDocFragment:
    """How to reach the server."""

    # With a type each, since ansible-test's yamllint takes any plain assignment here for a literal.
    DOCUMENTATION: str = _CONNECTION + _JOBS.lstrip("\n")

    CONNECTION: str = _CONNECTION
