#!/bin/sh
# Copyright: (c) 2026, chatbot.ops contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# pythons.sh NEWEST OLDEST: prints the path of one working Python for each minor version 3.NEWEST to 3.OLDEST.
# Working means that it runs and can make a virtual environment. A version manager puts shims on the PATH that
# may start nothing, or another Python: each candidate is run, and what is printed is the interpreter behind it
# (behind a virtual environment that happens to be active, too: .venv itself must not be the base of .venv).
set -u

work='import ensurepip, sqlite3, ssl, sys, venv
if sys.version_info[:2] == (3, int(sys.argv[1])): print(sys._base_executable)'

# The candidates for python3.$1, one a line, in order of preference.
candidates() {
    rest=$PATH:
    while [ -n "$rest" ]; do
        echo "${rest%%:*}/python3.$1"
        rest=${rest#*:}
    done
    for path in "${PYENV_ROOT:-}"/versions/3."$1".*/bin/python3."$1"; do
        echo "$path"
    done
}

minor=$1
while [ "$minor" -ge "$2" ]; do
    candidates "$minor" | while IFS= read -r path; do
        [ -x "$path" ] || continue
        python=$("$path" -c "$work" "$minor" 2>/dev/null </dev/null) || continue
        [ -n "$python" ] || continue
        printf '%s\n' "$python"
        break
    done
    minor=$((minor - 1))
done
