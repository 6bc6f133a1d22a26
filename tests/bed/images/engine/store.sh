#!/bin/sh
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# store.sh ROOT STORE ACTION [SEED]: works on the store, a btrfs image file, while no engine does. Run it in a mount
# namespace of its own. ROOT is the engine's Debian system, which has the programs.
#   make          makes the file system
#   list          prints the names of the seeds
#   open [SEED]   makes run/, for an engine to work in, from the seed or empty
#   resume [SEED] the same for the making of a seed; what an interrupted attempt at that has left stays as it is
#   keep SEED     makes what is in run/ the seed of that name, the only one from now on
#   clear         removes run/
# A seed is three subvolumes: the data of the engine, of the engine nested in the production server, of the registry.
set -eu
root=$1 store=$2 action=$3 seed=${4:-}
mount -t tmpfs work "$root/mnt"
mkdir "$root/mnt/store"
# mkfs.btrfs wants to see that nobody has the file mounted.
mount -t proc proc "$root/proc"
cd "$root/mnt"

in_root() { chroot "$root" "$@"; }

drop() { # FOLDER...: subvolumes and what else is in each folder
    for folder in "$@"; do
        for part in "$folder"/*/; do
            [ -d "$part" ] || continue
            in_root btrfs --quiet subvolume delete "/mnt/$part" 2>/dev/null || rm -rf "$part"
        done
        rm -rf "$folder"
    done
}

if [ "$action" = make ]; then
    touch image
    mount --bind "$store" image
    in_root mkfs.btrfs --quiet /mnt/image
    exit
fi

mount -o loop,noatime,compress=zstd:1 "$store" store
mkdir -p store/seeds
case $action in
list)
    for each in store/seeds/*/; do
        name=${each%/}
        case $name in *'*' | *.part) ;; *) echo "${name##*/}" ;; esac
    done
    ;;
open | resume)
    if [ "$action" = resume ] && [ -e store/run/seeding ]; then
        exit
    fi
    drop store/run store/seeds/*.part
    mkdir store/run
    for part in engine production registry; do
        if [ -n "$seed" ]; then
            in_root btrfs --quiet subvolume snapshot "/mnt/store/seeds/$seed/$part" "/mnt/store/run/$part"
        else
            in_root btrfs --quiet subvolume create "/mnt/store/run/$part"
        fi
    done
    in_root btrfs --quiet subvolume create /mnt/store/run/replacement
    if [ "$action" = resume ]; then
        touch store/run/seeding
    fi
    ;;
keep)
    mkdir "store/seeds/$seed.part"
    for part in engine production registry; do
        mv "store/run/$part" "store/seeds/$seed.part/$part"
    done
    for each in store/seeds/*/; do
        [ "$each" = "store/seeds/$seed.part/" ] || drop "${each%/}"
    done
    mv "store/seeds/$seed.part" "store/seeds/$seed"
    drop store/run
    ;;
clear)
    drop store/run
    ;;
esac
