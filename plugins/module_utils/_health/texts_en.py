# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The words of the checks in English."""

from __future__ import annotations

ENGLISH = {
    "state_warning": "WARNING",
    "state_critical": "CRITICAL",
    "state_unknown": "UNKNOWN",
    "nothing": "nothing",
    "not_good": "it is not good",
    # What could not be found out.
    "say_unknown": "{what} is not known: {problem}.",
    "advice_unknown": "Correct what the message says, and run chatbot.ops.health_check again.",
    "title_endpoint": "What it answers",
    "title_latency": "How fast it answers",
    "title_certificate": "Until when the certificate is good",
    "title_trust": "Whether the certificate is trusted",
    "title_readiness": "Whether n8n is ready",
    "title_executions": "How many executions failed",
    "title_containers": "How the containers are",
    "title_connect": "Whether the database can be reached",
    "title_size": "The size of the database",
    "title_connections": "The number of its connections",
    "title_locks": "Who waits for locks",
    "title_bloat": "How many dead rows there are",
    "title_transaction_age": "The age of the oldest transaction",
    "title_replication": "How far the replicas are behind",
    "title_archiving": "Whether the log is archived",
    "title_extensions": "Whether the extensions are up to date",
    "title_cpu": "How busy the processors are",
    "title_load": "The load",
    "title_memory": "The memory",
    "title_swap": "The swap",
    "title_oom": "Whether anything was killed for want of memory",
    "title_disks": "How full the disk is",
    "title_sync": "Whether the clock is right",
    "title_ntp": "Whether anything keeps the clock",
    "title_updates_security": "Whether security updates wait",
    "title_updates_pending": "Whether updates wait",
    "title_updates_reboot": "Whether the server has to be restarted",
    "title_backups": "What the repository holds",
    "title_verified": "What the newest backup is worth",
    "title_dns": "Where the name points",
    "title_supabase": "How the project is",
    "title_look": "How the server is",
    "title_memory_of_looks": "What past looks saw (trends, restarts, kills)",
    "because_no_answer": "there is no answer",
    "because_no_certificate": "the Python library cryptography is missing, or no certificate was shown",
    "because_not_connected": "the database cannot be reached",
    "because_cut_off": "it gets nothing from its primary",
    "because_not_replayed": "it has replayed nothing since its start",
    "because_no_counter": "the kernel does not say",
    "because_old_lists": "the package lists are {age} old",
    "because_not_listed": "it could not be listed",
    "because_no_backup": "there is no good backup of {source} in {repository}",
    # The server.
    "say_reachable": "The server can be reached.",
    "say_unreachable": "The server cannot be reached: {problem}.",
    "advice_unreachable": "Try ssh, then the provider's console. If it is lost: chatbot.ops.rebuild_server.",
    "advice_look": "Run chatbot.ops.install_toolchain for it, then chatbot.ops.health_check again.",
    "say_cpu": "The processors are {percent} % busy.",
    "say_load": "The load of five minutes is {load}, on cores: {cores}.",
    "advice_load": "See what takes the time: `top -o %CPU`, `docker stats --no-stream`.",
    "say_server_memory": "{left} of {size} of memory are available.",
    "advice_server_memory": (
        "See what takes it: `docker stats --no-stream`, `ps aux --sort=-rss | head`. Limit it, or give more."
    ),
    "say_no_swap": "There is no swap.",
    "say_swap": "{percent} % of {size} of swap are used.",
    "say_oom": (
        "{n} process was killed for want of memory within a day.|{n} processes were killed for want of memory "
        "within a day."
    ),
    "advice_oom": (
        "See which one: `journalctl -k --grep 'Out of memory|oom-kill'`. Give the server more memory, or limit "
        "what takes it."
    ),
    "say_disk": "{mount} is {percent} % full; {left} are left.",
    "advice_disk": (
        "See what fills it: `du -xh --max-depth=2 {mount} | sort -h | tail`. Then chatbot.ops.rotate_logs, "
        "chatbot.ops.prune_backups or `docker image prune`."
    ),
    "say_inodes": "{percent} % of the inodes of {mount} are used.",
    "say_no_inodes": "{mount} has no fixed number of inodes.",
    "advice_inodes": "See where the many small files are: `du -x --inodes --max-depth=3 {mount} | sort -n | tail`.",
    "say_no_trend": "{mount}: too few looks for a trend.",
    "say_not_growing": "{mount} has not been filling up for {span} days.",
    "say_days_left": "{mount} is full in {days} days, at {growth} a day (of {span} days).",
    "say_clock_off": "The clock is {time} off.",
    "advice_clock": (
        "Set it: `systemctl restart systemd-timesyncd` (or chrony); then `timedatectl` has to say synchronized."
    ),
    "say_synchronised": "The clock is synchronised.",
    "say_not_synchronised": "The clock is right, but nothing synchronises it.",
    "say_ntp": "The clock is kept by {services}.",
    "say_no_ntp": "No service keeps the clock.",
    "advice_ntp": "Start one: `apt-get install chrony`, or `timedatectl set-ntp true`.",
    "say_updates_security": "{n} security update waits.|{n} security updates wait.",
    "say_updates_pending": "{n} update waits.|{n} updates wait.",
    "advice_updates": "Install them: `apt-get update && apt-get dist-upgrade`, after chatbot.ops.backup_stack.",
    "advice_lists": "Run `apt-get update`; unattended-upgrades does so daily.",
    "say_no_reboot": "The server need not be restarted.",
    "say_reboot": "The server has to be restarted for an update to take effect.",
    "advice_reboot": (
        "Run chatbot.ops.backup_stack, then `systemctl reboot` at a quiet hour; the stack comes up by itself."
    ),
    # Endpoints.
    "say_answers": "{name} answers as it should.",
    "say_no_answer": "{name} does not answer: {problem}.",
    "say_status": "{name} answers {status}; {wanted} is well.",
    "say_no_keyword": '{name} answers without "{keyword}".',
    "advice_endpoint": (
        "On the server: `docker compose ps`, then `docker compose logs --tail=50` of what is not well; then the "
        "log of nginx."
    ),
    "say_latency": "{name} answers in {time}.",
    "advice_latency": "See server.load, database.locks and database.connections first; then the log of what answers.",
    "say_expires": "The certificate of {name} is good until {date} ({days} days).",
    "say_expired": "The certificate of {name} ended on {date} ({days} days ago).",
    "advice_certificate": (
        "Renew it: `certbot renew`, and see why its timer did not: `systemctl status certbot.timer`. nginx has "
        "to be reloaded."
    ),
    "say_trusted": "The certificate of {name} is trusted.",
    "say_untrusted": "The certificate of {name} is not trusted: {problem}.",
    "advice_trust": (
        "Have nginx serve the right certificate with its whole chain (fullchain.pem), or set the endpoint's ca "
        "if the authority is your own."
    ),
    # n8n.
    "say_ready": "n8n is ready.",
    "say_not_ready": "n8n is not ready: {problem}.",
    "advice_ready": (
        "See whether its database is there, then its log: `docker compose logs --tail=50 n8n`. It also answers "
        "so while it migrates."
    ),
    "say_failed": "{n} of {total} executions failed within {span}.|{n} of {total} executions failed within {span}.",
    "advice_failed_executions": "Open them in n8n (Executions, status Error), beginning with the workflow that fails most.",
    # Containers.
    "say_missing": "There is no container of {name}.",
    "advice_missing": "Start it: `docker compose up --detach {name}`, or chatbot.ops.deploy_stack.",
    "say_runs": "{name} runs.",
    "say_runs_not": "{name} does not run; it is {status} (exit code {code}).",
    "advice_runs_not": "See why it ended: `docker logs --tail=50 {name}`; then start it: `docker start {name}`.",
    "say_health_ok": "{name} is healthy.",
    "say_health_warning": "{name} is still starting.",
    "say_health_critical": "{name} runs, but is not healthy.",
    "advice_health": (
        "See what its check says: `docker inspect --format '{{{{json .State.Health}}}}' {name}`; its log; then "
        "`docker restart {name}`."
    ),
    "say_restarts": (
        "{name} was restarted {n} time within the last hour.|{name} was restarted {n} times within the last hour."
    ),
    "say_loop": "{name} ends again and again (exit code {code}).",
    "advice_restarts": "See its last words: `docker logs --tail=50 {name}`. What was changed last?",
    "say_killed": "{name} was killed for want of memory.|{name} was killed for want of memory, {n} times.",
    "say_memory": "{name} uses {used} of {limit} of memory.",
    "say_memory_used": "{name} uses {used} of memory, without a limit.",
    "say_no_kills": "{name} was not killed for want of memory.",
    "advice_memory": "Give it more memory (mem_limit in the compose file), or find out what takes it: `docker stats`.",
    "say_image": "{name} runs the image of its tag.",
    "say_image_old": "{name} runs an older image than {image} stands for now.",
    "advice_image": "Make the container anew: chatbot.ops.deploy_stack, or `docker compose up --detach {name}`.",
    # The database.
    "say_not_connected": "The database cannot be reached: {problem}.",
    "advice_connect": (
        "See whether it runs: `docker compose ps postgres`, and its log. If its data is lost: "
        "chatbot.ops.restore_database."
    ),
    "say_connected": "The database answers in {time}.",
    "advice_connect_slow": "See server.load and the disk; then how many connections there are.",
    "say_size": "The database is {size} large.",
    "advice_size": "See its largest tables; old rows of the logs go by chatbot.ops.archive_logs.",
    "say_connections": "{used} of {max} connections are used.",
    "advice_connections": "See who holds them, and make its pool smaller, or max_connections larger.",
    "say_no_waits": "Nobody waits for a lock.",
    "say_locks": (
        "{n} connection waits for a lock, since {time}.|{n} connections wait for a lock, the longest since {time}."
    ),
    "say_waits": "process {pid} ({user}) waits since {time} for {blockers}",
    "advice_locks": "See what holds it (pg_stat_activity); to end it: `SELECT pg_terminate_backend({blocker})`.",
    "say_bloat": "{percent} % of the tables are dead rows ({size}), by the statistics.",
    "advice_bloat": "`VACUUM (ANALYZE) {table}`, and see why autovacuum does not: a transaction left open, most often.",
    "say_transactions": "The oldest transaction number of {database} is {age} old.",
    "advice_transactions": (
        "`VACUUM (FREEZE)` in {database} as its owner, and end what holds it back: old transactions, unused "
        "replication slots."
    ),
    "say_no_replication": "There is no replica.",
    "say_lag": "The replicas are at most {time} behind.",
    "say_cut_off": "This replica gets nothing from its primary; its last transaction is {time} old.",
    "advice_replication": "See the replica's log, its disk and the network between.",
    "say_slot": "Nobody reads the replication slot {slot}, for which {size} of log are kept.",
    "advice_slot": (
        "Start its reader, or, if there will be none: `SELECT pg_drop_replication_slot('{slot}')`. Else the disk "
        "fills up."
    ),
    "say_no_archiving": "The log is not archived; there is no point-in-time recovery.",
    "say_archiving": "The log is archived.",
    "say_archiving_waits": (
        "{n} full file of the log is not archived yet; the oldest one waits for {time}.|"
        "{n} full files of the log are not archived yet; the oldest one waits for {time}."
    ),
    "say_archiving_fails": (
        "The log cannot be archived: {file} failed the last time. There is no point-in-time recovery, and the "
        "disk fills up."
    ),
    "advice_archiving": "See the server's log, then the repository; chatbot.ops.install_pitr sets it up anew.",
    "say_extensions": "The extensions are up to date.",
    "say_outdated": (
        "{n} extension has a newer version on the server.|{n} extensions have newer versions on the server."
    ),
    "advice_extensions": "After chatbot.ops.backup_stack: `ALTER EXTENSION {extension} UPDATE`, and so each.",
    # Backups and recovery.
    "say_no_backup": "There is no good backup of {source} in {repository}.",
    "say_backup_age": "The newest good backup of {source} in {repository} is {age} old.",
    "say_newer_bad": "The newest good backup of {source} in {repository} is {age} old; a newer one is bad.",
    "advice_backup": "Run chatbot.ops.backup_stack, read what it says, and see why its timer did not.",
    "advice_unlisted": "See whether the repository is there (mounted, its credentials); then chatbot.ops.backup_stack.",
    "say_verified": "The newest verified backup of {source} in {repository} ({level}) is {age} old.",
    "say_unverified": "No backup of {source} in {repository} was verified to the level {level}.",
    "advice_verify": "Run chatbot.ops.verify_backups, and see that it runs by a timer.",
    "say_backup_size": "The newest backup of {source} in {repository} is {size} large.",
    "say_backup_small": "The newest backup of {source} in {repository} is {size} large; {usual} are usual.",
    "advice_backup_size": (
        "See whether data of {source} was lost before it was backed up, and keep the older backups of {repository}."
    ),
    "say_backup_duration": "The newest backup of {source} in {repository} took {time}.",
    "advice_backup_duration": "See the load of the server, and the way to the repository.",
    "say_no_rehearsal": "Recovery was never rehearsed: nobody knows whether it works, and how long it takes.",
    "say_rehearsal_failed": "The last rehearsal, {age} ago, did not bring everything back.",
    "say_rto": "The last rehearsal, {age} ago, took {time}.",
    "say_rpo": "In the last rehearsal, {age} ago, the newest copy was {time} old.",
    "say_objective": "The objective is {time}.",
    "advice_rehearse": "Run chatbot.ops.rehearse_recovery; monthly, by a timer.",
    "advice_rehearsal_failed": (
        "Read its report in reports/, correct that, and run chatbot.ops.rehearse_recovery again."
    ),
    "advice_rto": "See in its report which phase takes longest; or correct objectives.rto.",
    "advice_rpo": "Back up more often (chatbot.ops.backup_stack by a timer; chatbot.ops.install_pitr for minutes).",
    # Outside.
    "say_dns": "{name} points to {answers}.",
    "say_dns_elsewhere": "{name} points to {answers}, and not to {address} alone.",
    "say_dns_nothing": "{name} points nowhere.",
    "advice_dns": (
        "If it is to point to {address}: chatbot.ops.point_dns. If nobody moved it, change the password at the "
        "DNS provider first."
    ),
    "say_dns_server": "{name} points here, but not every name server answers: {problem}.",
    "advice_dns_server": "See the status page of the DNS provider; the others answer meanwhile.",
    "say_supabase": "The Supabase project is {status}.",
    "say_supabase_ill": "The Supabase project is not healthy; it is {status}.",
    "advice_supabase": "See status.supabase.com and the project's dashboard. A paused project is resumed there.",
    "say_supabase_backup": "Supabase can go back to {age} ago.",
    "say_supabase_no_backup": "Supabase has no managed backup of the project.",
    "advice_supabase_backup": (
        "See the project's dashboard (Database, Backups); chatbot.ops.backup_stack makes backups of one's own."
    ),
}
