# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of every module that reads or writes a repository."""

from __future__ import annotations

import textwrap

# What describes a repository, wherever an option takes one.
_SUBOPTIONS = r"""
type:
  description:
    - The kind of repository.
    - V(local) is a folder on the managed host, which may be a mounted file system.
    - V(s3) is a bucket of any store that speaks S3. This takes the Python library boto3.
    - V(restic) is a repository of the program restic, 0.14 or newer, wherever that can keep one, such as SFTP, Backblaze B2
      or Azure. What did not change since the last backup is stored once, and n8n's folder is kept as files. It is encrypted
      by restic itself, so that there are no recipients. Two writers of one source are kept apart on one host only. Make it
      once by C(restic init).
  type: str
  choices:
    - local
    - s3
    - restic
  default: local
name:
  description:
    - What people call it, for reports. Its folder or its bucket, if it is not set.
  type: str
path:
  description:
    - The folder of a V(local) repository.
    - It must exist. A missing folder is refused, since it may be a file system that is not mounted.
    - Required if O(repository.type=local).
  type: path
bucket:
  description:
    - The bucket of an V(s3) repository. It must exist.
    - Required if O(repository.type=s3).
  type: str
prefix:
  description:
    - What the keys of all backups begin with, such as V(backups/lottery). Without it they begin with the stack's name.
  type: str
  default: ""
endpoint_url:
  description:
    - The address of the store, such as V(https://s3.example.org:8333).
    - Amazon's own, or that of E(AWS_ENDPOINT_URL_S3), if it is not set.
  type: str
region:
  description:
    - The bucket's region. That of E(AWS_DEFAULT_REGION), or else V(us-east-1), if it is not set.
  type: str
access_key:
  description:
    - The access key. Without O(repository.access_key) and O(repository.secret_key), credentials are looked for where
      boto3 always does. This is E(AWS_ACCESS_KEY_ID) and E(AWS_SECRET_ACCESS_KEY), the files below C(~/.aws), and the
      role of the instance.
    - O(repository.access_key) and O(repository.secret_key) are required together.
  type: str
secret_key:
  description:
    - The secret key that belongs to it.
  type: str
ca_bundle:
  description:
    - A file on the managed host with the certificates of the authorities to trust.
  type: path
addressing_style:
  description:
    - Whether the bucket's name stands in the path of an address (V(path)) or before the server's name (V(virtual)).
    - V(auto) is V(path) with O(repository.endpoint_url), and else what Amazon wants.
  type: str
  choices:
    - auto
    - path
    - virtual
  default: auto
request_checksum_calculation:
  description:
    - When boto3 adds a CRC of its own to what it sends. Older stores refuse that by status 411 or 501.
    - All content carries its SHA-256 either way.
  type: str
  choices:
    - when_required
    - when_supported
  default: when_required
response_checksum_validation:
  description:
    - When boto3 checks a CRC of what it receives. All content is compared with its SHA-256 either way.
  type: str
  choices:
    - when_required
    - when_supported
  default: when_required
location:
  description:
    - Where a V(restic) repository is, as restic writes it, such as V(sftp:backup@nas.example.org:/srv/restic).
    - Required if O(repository.type=restic).
  type: str
password:
  description:
    - The password of a V(restic) repository. Whoever loses it loses the backups.
    - Without O(repository.password) and O(repository.password_file), restic looks for it in E(RESTIC_PASSWORD),
      E(RESTIC_PASSWORD_FILE) and E(RESTIC_PASSWORD_COMMAND).
  type: str
password_file:
  description:
    - A file on the managed host with the password.
    - O(repository.password) and O(repository.password_file) exclude each other.
  type: path
environment:
  description:
    - Variables for restic, such as the keys of its store (C(B2_ACCOUNT_ID), C(B2_ACCOUNT_KEY)).
  type: dict
  default: {}
object_lock_days:
  description:
    - Lock each object of a backup for so many days, so that nobody can remove it. The bucket must have Object Lock.
    - Whether the store really locked it is read back. Some take the order and forget it, which fails the backup.
  type: int
object_lock_mode:
  description:
    - V(governance) lets those remove it all the same who have a right of its own to do so, V(compliance) nobody.
  type: str
  choices:
    - governance
    - compliance
  default: governance
read_back:
  description:
    - How it is made sure that the store has what was written, before it counts as a backup.
    - V(content) reads all of it again. V(checksum) takes the store's word for it, namely the SHA-256 that it gives
      for what it received, and restic's for the digests that it names. This serves where reading costs, or the
      credentials may not read.
  type: str
  choices:
    - content
    - checksum
  default: content
as_of:
  description:
    - Show the bucket as it was at this time (ISO 8601, UTC unless it says otherwise), and write nothing.
    - So backups can be listed and restored that were deleted or overwritten since, in a bucket that keeps versions.
  type: str
"""

_NOTES = r"""
notes:
  - The credentials of an V(s3) repository need s3:ListBucket, s3:GetObject, s3:PutObject, s3:ListBucketMultipartUploads and
    s3:AbortMultipartUpload, to lock objects s3:PutObjectRetention and s3:GetObjectRetention too, and for
    O(repository.as_of) s3:ListBucketVersions and s3:GetObjectVersion. They need not be able to delete. What a failed
    backup wrote stays then, without being a backup.
  - How large a payload in a bucket may be depends on that of the backup before. It is 230 GiB for a first one, 78 GiB
    after one of up to 4 GiB, and 390 GiB after one of more than 16 GiB.
"""


def _described(option: str) -> str:
    """Return the suboptions as the documentation of ``option`` holds them."""
    return textwrap.indent(_SUBOPTIONS.replace("O(repository.", f"O({option}."), " " * 6).lstrip("\n")


class ModuleDocFragment:
    """Where the backups of a stack are kept."""

    # With a type each, since ansible-test's yamllint takes any plain assignment here for a literal.
    DOCUMENTATION: str = (
        r"""
options:
  stack:
    description:
      - The name of the stack that the backups belong to.
      - One segment of a path, such as V(lottery-chatbot).
    type: str
    required: true
  repository:
    description:
      - Where the backups are kept.
    type: dict
    required: true
    suboptions:
"""
        + _described("repository")
        + _NOTES
    )

    TO: str = r"""
options:
  to:
    description:
      - Where they are to be kept as well.
    type: dict
    required: true
    suboptions:
""" + _described("to")
