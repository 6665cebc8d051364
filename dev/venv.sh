#!/bin/sh
# Makes .venv with a Python that is new enough, and uv (pinned in requirements-dev.txt) in it.
set -eu

python=""
for name in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14}; do
    if command -v "$name" >/dev/null 2>&1 && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        python=$name
        break
    fi
done
if [ -z "$python" ]; then
    echo "✗ Python 3.11 or newer is needed: install it, or name it with PYTHON=/path/to/python3." >&2
    exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    sh dev/system.sh venv "$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
fi
.venv/bin/python -c '' 2>/dev/null || { rm -rf .venv && "$python" -m venv .venv; }
.venv/bin/python -c 'import pip' 2>/dev/null || .venv/bin/python -m ensurepip --upgrade >/dev/null
awk '/^uv==/ { on = 1 } on { print } on && !/\\$/ { exit }' requirements-dev.txt >.venv/uv.txt
if ! .venv/bin/python -m pip install -q --disable-pip-version-check --require-hashes -r .venv/uv.txt; then
    echo "✗ pip could not download uv: check the network, or set PIP_INDEX_URL to a mirror you can reach." >&2
    exit 1
fi
