#!/bin/sh
# Makes a virtual environment and installs a requirements file into it, pinned by constraints.txt.
# uv does it in seconds; where it cannot be had, pip does the same more slowly.
set -eu
venv=$1
requirements=$2
[ -x "$venv/bin/python" ] || python3 -m venv "$venv"
python="$venv/bin/python"
if "$python" -m pip install -q uv -c constraints.txt; then
    # pip's local files (a CPU build of PyTorch, say) are not looked for by uv unless it is told.
    links="${UV_FIND_LINKS:-${PIP_FIND_LINKS:-$("$python" -m pip config get global.find-links 2>/dev/null || true)}}"
    UV_FIND_LINKS="$links" "$venv/bin/uv" pip install -q --python "$python" -r "$requirements"
else
    "$python" -m pip install -q -r "$requirements"
fi
