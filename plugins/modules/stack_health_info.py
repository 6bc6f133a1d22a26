#!/usr/bin/python
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: stack_health_info
short_description: How a chatbot stack and its host are, as far as only the host knows
version_added: 1.0.0
description:
  - Looks at endpoints and their certificates, n8n, the database, the containers, the host, its disks, its clock and the
    updates that wait, all at the same time, and returns what it found. The filter P(chatbot.ops.health_checks#filter) judges
    it.
  - Each section has a O(timeout). One that fails or hangs tells so in its C(problem), and the others are looked at all the
    same. The module itself fails only if its parameters make no sense.
  - It changes nothing, and reads no row of a table but to count n8n's executions.
author:
  - chatbot.ops contributors (@chatbot-ops)
extends_documentation_fragment:
  - chatbot.ops.postgres.connection
  - chatbot.ops.attributes
attributes:
  check_mode:
    support: full
    details: It does not remember then what it saw.
  diff_mode:
    support: none
    details: It changes nothing but its own memory.
  idempotent:
    support: full
    details: It only looks.
  platform:
    platforms: posix
    support: full
options:
  project:
    description:
      - The Docker Compose project whose containers are looked at. Without it, none are.
    type: str
  endpoints:
    description:
      - Addresses to ask, as the host reaches them.
    type: list
    elements: dict
    default: []
    suboptions:
      name:
        description:
          - What it is called in the checks.
        type: str
        required: true
      url:
        description:
          - The address. It is asked with GET, and no redirection is followed.
        type: str
        required: true
      status:
        description:
          - The HTTP statuses that are well.
        type: list
        elements: int
        default: [200]
      keyword:
        description:
          - What the answer has to contain, if anything.
        type: str
      timeout:
        description:
          - How long to wait for it.
        type: str
        default: 5s
      ca:
        description:
          - A file on the host with the certificates of the authorities to trust. Without it, those that the host trusts.
        type: path
      connect_to:
        description:
          - Where to connect, V(127.0.0.1) or V(127.0.0.1:8443) for example, in place of the host that the URL names. The
            certificate has to be that of the URL's host all the same.
        type: str
  n8n:
    description:
      - Where n8n is. Without it, n8n is not looked at.
    type: dict
    suboptions:
      container:
        description:
          - n8n's container, or its service of Docker Compose. Its address, its kind of database and its data folder are found
            out from it.
        type: str
      url:
        description:
          - Where n8n answers, V(http://127.0.0.1:5678) for example, in place of the container's address.
        type: str
      volume:
        description:
          - The volume with n8n's data, if the container does not tell it.
        type: str
      path:
        description:
          - n8n's data folder, where it lies in no volume.
        type: path
      table_prefix:
        description:
          - What the names of n8n's tables begin with, if the container does not tell it.
        type: str
      since:
        description:
          - How far back to count its executions.
        type: str
        default: 24h
  services:
    description:
      - The services that must have a container. Those that have one are looked at in any case.
    type: list
    elements: str
    default: []
  mounts:
    description:
      - The mount points to look at. Without any, all disks of this host are, each once.
    type: list
    elements: path
    default: []
  sections:
    description:
      - What to look at, of what there is.
    type: list
    elements: str
    choices: [endpoints, n8n, database, containers, server, disks, time, updates]
    default: [endpoints, n8n, database, containers, server, disks, time, updates]
  timeout:
    description:
      - How long each section may take, and so all of them together.
    type: str
    default: 15s
  state_file:
    description:
      - The file on the host that remembers how full the disks were, and what restarted or was killed for want of memory.
    type: path
    default: /var/lib/chatbot-ops/health/looks.json
seealso:
  - plugin: chatbot.ops.health_checks
    plugin_type: filter
requirements:
  - Linux
  - The Python libraries docker, psycopg2 and cryptography, as the role P(chatbot.ops.toolchain#role) installs them, for the
    sections that need them.
"""

EXAMPLES = r"""
- name: Look at a stack
  chatbot.ops.stack_health_info:
    project: lottery-chatbot
    container: postgres
    dbname: lottery
    n8n:
      container: n8n
    endpoints:
      - name: api
        url: https://bot.example.org/health
        keyword: ok
  register: health

- name: Insist that no disk is nearly full
  ansible.builtin.assert:
    that: health.sections.disks.disks | selectattr('bytes_percent', 'gt', 90) | length == 0
"""

RETURN = r"""
looked:
  {description: 'When it began (UTC, ISO 8601).', returned: success, type: str, sample: '2026-11-24T03:15:00.000000Z'}
duration_seconds: {description: How long it took., returned: success, type: float, sample: 1.42}
memory_problem:
  description: Why past looks could not be read or remembered, or null. Without them, nothing is known of trends and
    restarts.
  returned: success
  type: str
  sample: null
sections:
  description: What was found, by section.
  returned: success
  type: dict
  contains:
    endpoints:
      description: The endpoints.
      returned: when there are any
      type: dict
      contains:
        <<: &section
          problem:
            description: Why nothing could be found out, or null. Then there is nothing else but C(seconds).
            returned: always
            type: str
            sample: null
          seconds: {description: How long it took., returned: always, type: float, sample: 0.12}
        endpoints:
          description: One entry for each.
          returned: when C(problem) is null
          type: list
          elements: dict
          contains:
            name: {description: Its name., returned: always, type: str, sample: bot}
            url: {description: Its address., returned: always, type: str, sample: 'https://bot.example.org/health'}
            wanted:
              {description: The statuses that are well., returned: always, type: list, elements: int, sample: [200]}
            keyword: {description: What the answer has to contain., returned: always, type: str, sample: ok}
            keyword_found:
              description: Whether it does. Null if nothing has to be there, or there is no answer.
              returned: always
              type: bool
              sample: true
            problem: {description: 'Why there is no answer, or null.', returned: always, type: str, sample: null}
            status: {description: 'The HTTP status, or null.', returned: always, type: int, sample: 200}
            body:
              description: The beginning of the answer, masked.
              returned: always
              type: str
              sample: '{"status":"ok"}'
            seconds: {description: 'How long the answer took, or null.', returned: always, type: float, sample: 0.043}
            tls: {description: Whether it is one of HTTPS., returned: always, type: bool, sample: true}
            certificate_ends:
              description: Until when its certificate is good (UTC, ISO 8601), or null.
              returned: always
              type: str
              sample: '2027-01-24T03:15:00.000000Z'
            certificate_problem:
              {description: 'Why its certificate is not trusted, or null.', returned: always, type: str, sample: null}
    n8n:
      description: n8n.
      returned: when O(n8n) is given
      type: dict
      contains:
        <<: *section
        readiness:
          description: Whether it is ready.
          returned: when C(problem) is null
          type: dict
          contains:
            asked: {description: Whether it is known how to ask., returned: always, type: bool, sample: true}
            problem: {description: 'Why there is no answer, or null.', returned: always, type: str, sample: null}
            status: {description: 'The HTTP status, or null. 200 is ready.', returned: always, type: int, sample: 200}
            body: {description: The beginning of the answer., returned: always, type: str, sample: '{"status":"ok"}'}
            seconds: {description: 'How long the answer took, or null.', returned: always, type: float, sample: 0.012}
            url:
              description: What was asked, or null.
              returned: always
              type: str
              sample: http://172.18.0.3:5678/healthz/readiness
        executions:
          description: Its executions; those of tests by hand do not count.
          returned: when C(problem) is null
          type: dict
          contains:
            problem: {description: 'Why they are not known, or null.', returned: always, type: str, sample: null}
            kind:
              {description: V(sqlite) or V(postgres)., returned: when C(problem) is null, type: str, sample: sqlite}
            failed: {description: How many failed., returned: when C(problem) is null, type: int, sample: 2}
            total: {description: How many there were., returned: when C(problem) is null, type: int, sample: 412}
            workflows:
              description: Those with failed ones, the worst first, at most 10.
              returned: when C(problem) is null
              type: list
              elements: dict
              contains:
                workflow: {description: The workflow's name., returned: always, type: str, sample: Pedidos}
                failed: {description: How many failed., returned: always, type: int, sample: 2}
            since_seconds:
              {description: How far back they count., returned: when C(problem) is null, type: float, sample: 86400.0}
    database:
      description: The database.
      returned: when a server or a database is given
      type: dict
      contains:
        <<: *section
        connect_problem:
          description: Why the database cannot be reached, or null.
          returned: when C(problem) is null
          type: str
          sample: null
        connect_seconds:
          description: How long it took to be let in and answered.
          returned: when the database can be reached
          type: float
          sample: 0.021
        database: {description: The database., returned: when the database can be reached, type: str, sample: lottery}
        version:
          description: The server's version as a number.
          returned: when the database can be reached
          type: int
          sample: 170010
        size:
          description: Its size.
          returned: when the database can be reached
          type: dict
          contains:
            problem: {description: 'Why it is not known, or null.', returned: always, type: str, sample: null}
            bytes: {description: In bytes., returned: when C(problem) is null, type: int, sample: 312000000}
        connections:
          description: The connections of clients.
          returned: when the database can be reached
          type: dict
          contains:
            problem: {description: 'Why it is not known, or null.', returned: always, type: str, sample: null}
            used: {description: How many there are., returned: when C(problem) is null, type: int, sample: 12}
            max:
              description: How many ordinary users may have.
              returned: when C(problem) is null
              type: int
              sample: 97
            percent:
              {description: How much of that is used., returned: when C(problem) is null, type: float, sample: 12.4}
            by_user:
              description: Who has them, with the application, the most first, at most 5.
              returned: when C(problem) is null
              type: list
              elements: str
              sample: ['chatbot_app (api): 8']
        locks:
          description: Who waits for a lock.
          returned: when the database can be reached
          type: dict
          contains:
            problem: {description: 'Why it is not known, or null.', returned: always, type: str, sample: null}
            waiting: {description: How many connections., returned: when C(problem) is null, type: int, sample: 1}
            longest_seconds:
              {description: The longest wait., returned: when C(problem) is null, type: float, sample: 42.1}
            waits:
              description: The longest waits, at most 5.
              returned: when C(problem) is null
              type: list
              elements: dict
              contains:
                pid: {description: The server's process., returned: always, type: int, sample: 4711}
                user: {description: Its user., returned: always, type: str, sample: chatbot_app}
                seconds: {description: How long it has waited., returned: always, type: float, sample: 42.1}
                blocked_by:
                  description: The processes that it waits for.
                  returned: always
                  type: list
                  elements: int
                  sample: [4700]
        bloat:
          description: Dead rows, by the statistics.
          returned: when the database can be reached
          type: dict
          contains:
            problem: {description: 'Why it is not known, or null.', returned: always, type: str, sample: null}
            dead_bytes:
              {description: 'What they take, about.', returned: when C(problem) is null, type: int, sample: 1200000}
            percent:
              description: Their share of the tables of 8 MiB and more.
              returned: when C(problem) is null
              type: float
              sample: 1.5
            tables:
              description: Those with the most, at most 5.
              returned: when C(problem) is null
              type: list
              elements: dict
              contains:
                table: {description: The table., returned: always, type: str, sample: public.messages}
                bytes: {description: Its size., returned: always, type: int, sample: 80000000}
                dead_bytes:
                  {description: 'What its dead rows take, about.', returned: always, type: int, sample: 1200000}
        transaction_age:
          description: The oldest transaction number that is in use.
          returned: when the database can be reached
          type: dict
          contains:
            problem: {description: 'Why it is not known, or null.', returned: always, type: str, sample: null}
            database: {description: In which database., returned: when C(problem) is null, type: str, sample: lottery}
            age:
              description: How many transactions ago it was given.
              returned: when C(problem) is null
              type: int
              sample: 48211
        replication:
          description: Replicas.
          returned: when the database can be reached
          type: dict
          contains:
            problem: {description: 'Why it is not known, or null.', returned: always, type: str, sample: null}
            role:
              {description: V(primary) or V(standby)., returned: when C(problem) is null, type: str, sample: primary}
            receiving:
              description:
                - Whether a standby gets the log from its primary now. Null of a primary, and of a standby that has not
                  got it so since its start, as one that reads an archive.
              returned: when C(problem) is null
              type: bool
              sample: null
            lag_seconds:
              description:
                - How far they, or this one, are behind at most. Null if there are none, or a standby has replayed nothing.
                - Of a standby that gets nothing from its primary, the age of the last transaction that it has.
              returned: when C(problem) is null
              type: float
              sample: 0.2
            standbys:
              description: The replicas of a primary.
              returned: when C(problem) is null
              type: list
              elements: dict
              contains:
                name: {description: Its name., returned: always, type: str, sample: replica}
                state: {description: The server's word for its state., returned: always, type: str, sample: streaming}
                lag_seconds: {description: How far it is behind., returned: always, type: float, sample: 0.2}
            slots:
              description: Replication slots that nobody reads.
              returned: when C(problem) is null
              type: list
              elements: dict
              contains:
                name: {description: Its name., returned: always, type: str, sample: old_replica}
                kept_bytes:
                  {description: How much of the log is kept for it., returned: always, type: int, sample: 52428800}
        archiving:
          description: The archive of the log.
          returned: when the database can be reached
          type: dict
          contains:
            problem: {description: 'Why it is not known, or null.', returned: always, type: str, sample: null}
            mode:
              {description: The server's C(archive_mode)., returned: when C(problem) is null, type: str, sample: 'on'}
            seconds_since_archived:
              description: How long ago a file was archived, or null.
              returned: when C(problem) is null
              type: float
              sample: 61.0
            seconds_since_failed:
              description: How long ago that failed the last time, or null.
              returned: when C(problem) is null
              type: float
              sample: null
            failed_count:
              {description: How often it has failed., returned: when C(problem) is null, type: int, sample: 0}
            last_failed_file:
              description: The file that failed the last time, or null.
              returned: when C(problem) is null
              type: str
              sample: null
            waiting_files:
              description: How many files are full and not archived yet. Null if the user may not know (C(pg_monitor) may).
              returned: when C(problem) is null
              type: int
              sample: 0
            waiting_seconds:
              description: For how long the oldest one of them has waited, or null.
              returned: when C(problem) is null
              type: float
              sample: 0.0
        extensions:
          description: Extensions.
          returned: when the database can be reached
          type: dict
          contains:
            problem: {description: 'Why it is not known, or null.', returned: always, type: str, sample: null}
            outdated:
              description: Those of which the server has a newer version.
              returned: when C(problem) is null
              type: list
              elements: dict
              contains:
                name: {description: The extension., returned: always, type: str, sample: pg_trgm}
                installed: {description: The version in the database., returned: always, type: str, sample: '1.5'}
                available: {description: The server's., returned: always, type: str, sample: '1.6'}
    containers:
      description: The containers.
      returned: when O(project) is given
      type: dict
      contains:
        <<: *section
        project:
          description: The Docker Compose project.
          returned: when C(problem) is null
          type: str
          sample: lottery-chatbot
        containers:
          description: One entry for each.
          returned: when C(problem) is null
          type: list
          elements: dict
          contains:
            service: {description: The service of Docker Compose., returned: always, type: str, sample: api}
            name: {description: The container's name., returned: always, type: str, sample: lottery-chatbot-api-1}
            id: {description: The first 12 characters of its id., returned: always, type: str, sample: 4f1c2d3e4a5b}
            image:
              {description: The image's tag., returned: always, type: str, sample: 'registry.example.org/api:1.4'}
            image_id:
              {description: The image that it runs., returned: always, type: str, sample: 'sha256:9f86d081884c'}
            tag_image_id:
              description: The image that the tag stands for here now, or null.
              returned: always
              type: str
              sample: sha256:9f86d081884c
            status: {description: Docker's word for its state., returned: always, type: str, sample: running}
            exit_code: {description: What it ended with., returned: always, type: int, sample: 0}
            error: {description: 'Why it did not start, or empty.', returned: always, type: str, sample: ''}
            health:
              description: V(healthy), V(unhealthy), V(starting), or null without a check.
              returned: always
              type: str
              sample: healthy
            health_says:
              description: What its check says where it is not healthy, masked.
              returned: always
              type: str
              sample: ''
            restarts: {description: How often Docker restarted it., returned: always, type: int, sample: 0}
            new_restarts: {description: How often within the last hour., returned: always, type: int, sample: 0}
            age_seconds: {description: How long ago it was made., returned: always, type: int, sample: 86400}
            started:
              description: When it was started.
              returned: always
              type: str
              sample: '2026-11-24T03:15:00.123456789Z'
            oom_killed:
              {description: Whether it was killed for want of memory., returned: always, type: bool, sample: false}
            oom_kills_now:
              description: How many of its processes were, since it was started. Null if nobody knows.
              returned: always
              type: int
              sample: 0
            oom_kills: {description: How many within a day., returned: always, type: int, sample: 0}
            memory_bytes: {description: 'What it uses, or null.', returned: always, type: int, sample: 104857600}
            memory_limit_bytes:
              {description: 'What it may use, or null.', returned: always, type: int, sample: 536870912}
        missing:
          description: The O(services) that have none.
          returned: when C(problem) is null
          type: list
          elements: str
          sample: []
    server:
      description: Processors, memory and swap.
      returned: always
      type: dict
      contains:
        <<: *section
        cores: {description: How many processors there are., returned: when C(problem) is null, type: int, sample: 2}
        uptime_seconds:
          {description: How long it has been up., returned: when C(problem) is null, type: int, sample: 864000}
        load:
          description: The load of one, five and fifteen minutes.
          returned: when C(problem) is null
          type: list
          elements: float
          sample: [0.5, 0.4, 0.3]
        cpu_percent:
          description: How busy the processors were for half a second, or null.
          returned: when C(problem) is null
          type: float
          sample: 12.5
        memory_bytes: {description: Its memory., returned: when C(problem) is null, type: int, sample: 8000000000}
        memory_available_bytes:
          {description: What of that is available., returned: when C(problem) is null, type: int, sample: 5000000000}
        memory_percent:
          {description: How much of it is used., returned: when C(problem) is null, type: float, sample: 37.5}
        swap_bytes: {description: Its swap., returned: when C(problem) is null, type: int, sample: 0}
        swap_percent:
          {description: How much of that is used., returned: when C(problem) is null, type: float, sample: 0.0}
        oom_kills_since_boot:
          description: How many processes were killed for want of memory. Null if the kernel does not say.
          returned: when C(problem) is null
          type: int
          sample: 0
        oom_kills:
          {description: 'How many within a day, or null.', returned: when C(problem) is null, type: int, sample: 0}
    disks:
      description: The disks.
      returned: always
      type: dict
      contains:
        <<: *section
        disks:
          description: One entry for each.
          returned: when C(problem) is null
          type: list
          elements: dict
          contains:
            mount: {description: Where it is mounted., returned: always, type: str, sample: /}
            device: {description: The device., returned: always, type: str, sample: /dev/vda1}
            type: {description: The kind of file system., returned: always, type: str, sample: ext4}
            problem: {description: 'Why nothing else is known, or null.', returned: always, type: str, sample: null}
            size_bytes: {description: 'Its size, or null.', returned: always, type: int, sample: 42000000000}
            used_bytes: {description: 'What is used, or null.', returned: always, type: int, sample: 21000000000}
            available_bytes:
              description: What is left for others than root, or null.
              returned: always
              type: int
              sample: 19000000000
            bytes_percent:
              {description: 'How full it is, as C(df) counts, or null.', returned: always, type: float, sample: 52.5}
            inodes:
              description: How many inodes it has. Null if it has no fixed number.
              returned: always
              type: int
              sample: 2621440
            inodes_percent:
              {description: 'How many of them are used, or null.', returned: always, type: float, sample: 9.8}
            growth_bytes_per_day:
              description: How fast it fills up. Null for too few looks.
              returned: always
              type: int
              sample: 120000000
            days_left:
              description: When it is full. Null if it is not filling up, or for too few looks.
              returned: always
              type: float
              sample: 158.3
            trend_days:
              {description: 'Over how many days that was seen, or null.', returned: always, type: float, sample: 21.0}
    time:
      description: The clock.
      returned: always
      type: dict
      contains:
        <<: *section
        now:
          description: What time it is on the host (UTC, ISO 8601).
          returned: when C(problem) is null
          type: str
          sample: '2026-11-24T03:15:00.000000Z'
        synchronised:
          description: Whether the kernel takes the clock for synchronised. Null if it does not say.
          returned: when C(problem) is null
          type: bool
          sample: true
        error_seconds:
          description: How far off it may be, by the kernel.
          returned: when C(problem) is null
          type: float
          sample: 0.016
        ntp:
          description: The services that keep it and run, or null.
          returned: when C(problem) is null
          type: list
          elements: str
          sample: [chrony]
        ntp_problem:
          description: Why they are not known, or null.
          returned: when C(problem) is null
          type: str
          sample: null
    updates:
      description: Updates of packages.
      returned: always
      type: dict
      contains:
        <<: *section
        pending:
          {description: 'How many packages wait, or null.', returned: when C(problem) is null, type: int, sample: 4}
        security:
          description: How many of them for the sake of security, or null.
          returned: when C(problem) is null
          type: int
          sample: 1
        packages:
          description: The first 20 of them, those of security first.
          returned: when C(problem) is null
          type: list
          elements: str
          sample: [openssl]
        updates_problem:
          description: Why they are not known, or null.
          returned: when C(problem) is null
          type: str
          sample: null
        lists_age_seconds:
          description: How long apt has not looked for updates, or null.
          returned: when C(problem) is null
          type: int
          sample: 3600
        reboot:
          description: Whether the host wants to be started anew.
          returned: when C(problem) is null
          type: bool
          sample: false
        reboot_reasons: {description: Why., returned: when C(problem) is null, type: list, elements: str, sample: []}
        stamp:
          description: What apt reckoned with. As long as it is the same, it need not reckon again.
          returned: when C(problem) is null
          type: list
          elements: int
          sample: [1795489200000000000]
"""

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.chatbot.ops.plugins.module_utils._core.errors import OpsError
from ansible_collections.chatbot.ops.plugins.module_utils._core.stop import stoppable
from ansible_collections.chatbot.ops.plugins.module_utils._health.gather import HEALTH_ARGUMENTS, gather, request_from


def main() -> None:
    module = AnsibleModule(argument_spec=HEALTH_ARGUMENTS, supports_check_mode=True)
    try:
        with stoppable():
            result = gather(request_from(module.params, check_mode=module.check_mode))
    except OpsError as error:
        module.fail_json(msg=error.message, **error.details)
    else:
        module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
