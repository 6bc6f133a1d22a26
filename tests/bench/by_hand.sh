#!/bin/sh
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The recovery of a lost server as a person does it who knows all the commands by heart, and never waits:
#
#     by_hand.sh FOLDER SSH-COMMAND…
#
# FOLDER, on the operator's machine, holds project.tar.gz (the repository with its .env), n8n_data.tar.gz (the volume) and
# database.sql.gz (pg_dump --clean --if-exists). It ends when the stack says that it is healthy: nothing is compared.
set -eu
folder=$1
shift

"$@" mkdir -p /root/backup /opt/lottery-chatbot
for each in project.tar.gz n8n_data.tar.gz database.sql.gz; do
    "$@" "cat > /root/backup/$each" < "$folder/$each"
done
"$@" sh -s <<'THERE'
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -qq -y --no-install-recommends docker.io docker-cli docker-compose > /dev/null
tar -xzf /root/backup/project.tar.gz -C /opt/lottery-chatbot
cd /opt/lottery-chatbot
docker compose pull --quiet
docker volume create n8n_data > /dev/null
tar -xzf /root/backup/n8n_data.tar.gz -C "$(docker volume inspect --format '{{.Mountpoint}}' n8n_data)"
docker compose up --detach --wait postgres
gunzip -c /root/backup/database.sql.gz | docker compose exec -T postgres psql --quiet --username=postgres lottery > /dev/null
docker compose up --detach --wait
THERE
