#!/bin/sh
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# clean_room.sh TARGET...: what a stranger does on a bare Debian, run there as root by tests/tools/clean_room.py. The
# checkout is /home/stranger/ops; its TARGETs are made by the user stranger. Then the tarball in /root is installed
# beside an Ansible of its own, and its playbooks are called by their names.
set -eu

apt-get --quiet=2 update
apt-get --quiet=2 install --yes --no-install-recommends ca-certificates git make python3 python3-venv >/dev/null
# Whom the machine trusts, the whole room does: some programs start others with an environment of their own.
awk '/BEGIN CERTIFICATE/ { number++ } { print > ("/usr/local/share/ca-certificates/machine-" number ".crt") }' /etc/machine-ca.crt
update-ca-certificates >/dev/null 2>&1
useradd stranger
chown -R stranger: /home/stranger
for target in "$@"; do
    echo "== make $target"
    su stranger -s /bin/sh -c "cd ~/ops && make $target"
done

echo "== the tarball"
cd /root
python3 -m venv ansible
ansible/bin/pip --quiet install ansible-core
ansible/bin/ansible-galaxy collection install ./*.tar.gz
mkdir -p /srv/backups /etc/stack
echo "services: {}" >/etc/stack/compose.yml
cat >hosts.yml <<'END'
chatbot_stacks:
  hosts:
    here:
      ansible_connection: local
      backup_config_paths: [/etc/stack]
      chatbot_stack:
        name: lottery-chatbot
        sources: [config]
        repositories: [{path: /srv/backups}]
END
ansible/bin/ansible-playbook -i hosts.yml chatbot.ops.install_toolchain
ansible/bin/ansible-playbook -i hosts.yml chatbot.ops.backup_stack
# By other programs than ours: the file is in the backup.
zstd -d -c /srv/backups/lottery-chatbot/config/*/config.tar.zst | tar --list --ignore-zeros | grep '^etc/stack/compose.yml$'
