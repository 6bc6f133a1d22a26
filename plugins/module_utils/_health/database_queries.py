# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a server is asked for its health. Each statement reads statistics or the catalogue alone, and no row of a table."""

from __future__ import annotations

SIZE = "SELECT pg_database_size(current_database())"

CONNECTIONS = """
SELECT count(*), current_setting('max_connections')::int, current_setting('superuser_reserved_connections')::int
FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
"""

CONNECTIONS_BY_USER = """
SELECT coalesce(usename, '?') || coalesce(' (' || nullif(application_name, '') || ')', ''), count(*)
FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
GROUP BY 1 ORDER BY 2 DESC, 1
"""

# pg_locks.waitstart is new in PostgreSQL 14, and null for a moment at the beginning of a wait.
LOCKS = """
SELECT activity.pid, coalesce(activity.usename, '?'),
  extract(epoch FROM clock_timestamp() - min(coalesce(locks.waitstart, clock_timestamp()))), pg_blocking_pids(activity.pid)
FROM pg_locks AS locks JOIN pg_stat_activity AS activity USING (pid)
WHERE NOT locks.granted GROUP BY activity.pid, activity.usename ORDER BY 3 DESC
"""

LOCKS_BEFORE_14 = """
SELECT pid, coalesce(usename, '?'), extract(epoch FROM clock_timestamp() - state_change), pg_blocking_pids(pid)
FROM pg_stat_activity WHERE wait_event_type = 'Lock' ORDER BY 3 DESC
"""

# An estimate: the share of dead rows, by the statistics, of the size at the last VACUUM or ANALYZE. To ask for the size of
# now waits for whoever has locked the table. Small tables say nothing.
BLOAT = """
SELECT format('%I.%I', schemaname, tables.relname), size, size * n_dead_tup / greatest(n_live_tup + n_dead_tup, 1)
FROM pg_stat_user_tables AS tables
JOIN (SELECT oid, relpages::bigint * current_setting('block_size')::int AS size FROM pg_class) AS sizes ON oid = relid
WHERE size >= 8 * 1024 * 1024
"""

TRANSACTION_AGE = """
SELECT datname, greatest(age(datfrozenxid), mxid_age(datminmxid)) FROM pg_database ORDER BY 2 DESC LIMIT 1
"""

# Whether it receives: true, or false once it no longer does; one that has not since its start reads an archive. While it
# does and all is replayed, nothing was written on the primary since: then it is not behind, whatever the time. One that was
# cut off has replayed all that it received, too, and is as old as its last transaction.
STANDBY = """
SELECT receiving, CASE WHEN receiving AND pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
  ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()) END
FROM (SELECT CASE WHEN EXISTS (SELECT FROM pg_stat_wal_receiver) THEN true
  WHEN pg_last_wal_receive_lsn() IS NOT NULL THEN false END) AS receivers (receiving)
"""

STANDBYS = """
SELECT coalesce(nullif(application_name, ''), pid::text), state, extract(epoch FROM replay_lag)
FROM pg_stat_replication ORDER BY 1
"""

# Whom nobody reads from: the server keeps its log for them until the disk is full.
IDLE_SLOTS = """
SELECT slot_name, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)
FROM pg_replication_slots WHERE NOT active ORDER BY 2 DESC NULLS LAST
"""

ARCHIVER = """
SELECT current_setting('archive_mode'), extract(epoch FROM now() - last_archived_time),
  extract(epoch FROM now() - last_failed_time), failed_count, last_failed_wal
FROM pg_stat_archiver
"""

# What is full and not archived yet. pg_monitor may ask; without that role, failures alone are known.
MAY_SEE_WAITING = "SELECT has_function_privilege('pg_ls_archive_statusdir()', 'EXECUTE')"

WAITING = """
SELECT count(*), coalesce(extract(epoch FROM now() - min(modification)), 0)
FROM pg_ls_archive_statusdir() WHERE name LIKE '%.ready'
"""

EXTENSIONS = """
SELECT name, installed_version, default_version FROM pg_available_extensions
WHERE installed_version <> default_version ORDER BY name
"""
