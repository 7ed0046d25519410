#!/bin/sh
# Makes .venv from requirements-dev.lock. Called by make; needs only Python.
set -eu
python=$1
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "reviewbot needs Python 3.11 or newer: install it, or name one with make PYTHON=..." >&2
    exit 1
fi
if [ ! -x .venv/bin/python ]; then
    echo "making .venv"
    if ! "$python" -m venv .venv 2>/dev/null; then
        rm -rf .venv
        if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
            echo "Python's venv module is missing: install it (on Debian: apt install python3-venv)." >&2
            exit 1
        fi
        apt-get update -qq
        apt-get install -y -qq python3-venv >/dev/null
        "$python" -m venv .venv
    fi
fi
echo "installing Python packages"
[ -x .venv/bin/uv ] || .venv/bin/python -m pip install --quiet --disable-pip-version-check "$(sed -n 's/^\(uv==[^ ]*\).*/\1/p' requirements-dev.lock)"
.venv/bin/uv pip sync --quiet --python .venv/bin/python --require-hashes requirements-dev.lock
.venv/bin/uv pip install --quiet --python .venv/bin/python --no-deps --editable .
touch .venv/ready
