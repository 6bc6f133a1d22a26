#!/bin/sh
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# debian.sh FOLDER PACKAGE...: unpacks Debian packages into FOLDER and installs nothing, so that it needs no root. What
# the machine knows of its package index is used if it is there, else a private copy of the index is fetched.
set -eu

folder=$1
shift
mkdir -p "$folder/archives/partial" "$folder/index/lists/partial"
cd "$folder/archives"

# With an index of its own below FOLDER.
own_apt() { apt-get --quiet=2 "-oDir::State=$folder/index" -oDir::State::status=/var/lib/dpkg/status "-oDir::Cache=$folder" "$@"; }

apt-get --quiet=2 download "$@" 2>/dev/null || { own_apt update && own_apt download "$@"; }
for archive in *.deb; do
    dpkg-deb --extract "$archive" "$folder"
done
cd "$folder"
rm -rf archives index pkgcache.bin srcpkgcache.bin
