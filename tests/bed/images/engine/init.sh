#!/bin/sh
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The first process of the bed's engine, in mount and process namespaces of its own: when it ends, its mounts, loop
# device, network, containers and daemons end with it. The machine's network is reached through pasta, a program in
# user space: no bridge, no address, no firewall rule and no sysctl of the machine is touched.
#
# BED_ROOT: the engine's Debian system; BED_STATE, BED_CACHE, BED_RECIPES: folders to be seen as /bed, /cache, /recipes;
# BED_STORE: the file system image for /store; BED_PORTS: pasta's options for the ports of 127.0.0.1 to pass on.
set -eu

# The old /proc still tells the process id that the machine knows us by.
read -r pid _rest < /proc/self/stat
echo "$pid" > "$BED_STATE/engine.pid"

# What the engine writes into its system goes to memory: the cached one stays as it was made.
mount -t tmpfs bed /mnt
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay bed -o "lowerdir=$BED_ROOT,upperdir=/mnt/upper,workdir=/mnt/work" /mnt/root
cd /mnt/root
mount -t proc proc proc
mount --rbind /dev dev
mount -t tmpfs -o mode=755 run run
mount -t tmpfs -o mode=1777 tmp tmp
mkdir -p bed cache recipes store old
mount --bind "$BED_STATE" bed
mount --bind -o ro "$BED_CACHE" cache
mount --bind -o ro "$BED_RECIPES" recipes
mount -o loop,noatime,compress=zstd:1 "$BED_STORE" store
if [ -d /lib/modules ]; then
    mkdir -p lib/modules
    mount --bind -o ro /lib/modules lib/modules
fi

pivot_root . old
cd /
touch /run/netns
unshare --net=/run/netns ip link set lo up
# The network of /sys is that of the namespace it was mounted from; the control groups are the machine's.
nsenter --net=/run/netns mount -t sysfs sysfs /sys
mount --rbind /old/sys/fs/cgroup /sys/fs/cgroup
umount --lazy /old

# The machine's resolver may be one of its own loopback addresses: pasta passes on what is sent to this one.
echo "nameserver 198.51.100.53" > /etc/resolv.conf
# shellcheck disable=SC2086
pasta --quiet --runas 0 --config-net --ipv4-only --dns-forward 198.51.100.53 --tcp-ns none --udp-ns none --host-lo-to-ns-lo \
    --netns /run/netns $BED_PORTS

# Orphans of the engine (its containers' keepers) come to tini, which must not let them become zombies.
exec tini -- nsenter --net=/run/netns dockerd \
    --host=unix:///var/run/docker.sock --host=unix:///bed/docker.sock \
    --data-root=/store/run/engine --exec-root=/run/docker --pidfile=/run/docker.pid \
    --storage-driver=overlay2 --exec-opt=native.cgroupdriver=cgroupfs --cgroup-parent=/chatbot-bed \
    --log-level=warn
