#!/usr/bin/env bash
# Install recexplainer into a virtual environment of its own.
#
#   tools/install.sh VENV [EXTRAS] [WHEEL]      such as: tools/install.sh .venv dev
#
# The checkout is installed in editable mode, or a wheel as it is. The environment is made of the newest
# Python that is found and supported, or of PYTHON=/path/to/python.
#
# torch comes first, because its default Linux build brings several GB of CUDA packages: a machine
# without an NVIDIA GPU gets the CPU build, one with a GPU gets the build that fits its driver.
set -euo pipefail

readonly VENV=${1:?usage: tools/install.sh VENV [EXTRAS] [WHEEL]}
readonly EXTRAS=${2:-}
readonly WHEEL=${3:-}
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly ROOT
readonly CONSTRAINTS="$ROOT/constraints.txt"
TORCH=$(grep -m1 '^torch==' "$CONSTRAINTS")
readonly TORCH

say() { printf '── %s\n' "$*" >&2; }

# Each is called: one that is found may fail all the same, as pyenv's names of versions not in use do.
is_supported() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null
}

# Debian and Ubuntu have these two in a package of their own.
has_venv() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

refuse() {
    printf '── %s\n' "$@" >&2
    exit 1
}

# Make the environment of the first Python that is supported, newest first.
make_venv() {
    local candidate candidates=(python3.14 python3.13 python3.12 python3.11 python3 python) bare=
    [[ -x $VENV/bin/python ]] && return
    if [[ -n ${PYTHON:-} ]]; then
        is_supported "$PYTHON" || refuse "PYTHON=$PYTHON does not run, or is not Python 3.11 to 3.14."
        candidates=("$PYTHON")
    fi
    for candidate in "${candidates[@]}"; do
        is_supported "$candidate" || continue
        if has_venv "$candidate"; then
            "$candidate" -m venv "$VENV"
            return
        fi
        : "${bare:=$candidate}"
    done
    if command -v uv >/dev/null; then
        uv venv --seed --python "${bare:->=3.11,<3.15}" "$VENV"
    elif [[ -n $bare ]] && command -v virtualenv >/dev/null; then
        virtualenv --quiet --python "$bare" "$VENV"
    elif [[ -n $bare ]]; then
        refuse "$bare cannot make virtual environments: its module venv or ensurepip is missing." \
            "Install it (Debian, Ubuntu: apt install $(package_of "$bare")), or install uv or virtualenv."
    else
        refuse "No Python from 3.11 to 3.14 was found. Install one, or uv, which brings its own," \
            "or name the one to use: make install PYTHON=/path/to/python3.13"
    fi
}

package_of() { "$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'; }

pip_install() { "$VENV/bin/python" -m pip install --disable-pip-version-check "$@"; }

# uv picks the right package index for torch by itself.
torch_by_uv() {
    pip_install --quiet uv &&
        "$VENV/bin/uv" pip install --python "$VENV/bin/python" --torch-backend="$1" "$TORCH"
}

has_torch() {
    "$VENV/bin/python" - "${TORCH#torch==}" <<'EOF' 2>/dev/null
import sys
from importlib.metadata import version

sys.exit(version("torch").split("+")[0] != sys.argv[1])
EOF
}

has_gpu() { command -v nvidia-smi >/dev/null && nvidia-smi -L 2>/dev/null | grep -q GPU; }

install_torch() {
    if has_torch; then
        say "$TORCH is already installed"
    elif has_gpu; then
        say "NVIDIA GPU found: installing the GPU build of $TORCH"
        torch_by_uv auto || pip_install "$TORCH"
    else
        say "no NVIDIA GPU found: installing the CPU build of $TORCH"
        # Works where pip's own sources (a mirror, a wheel folder) carry the CPU build.
        pip_install --quiet "$TORCH+cpu" 2>/dev/null || torch_by_uv cpu || {
            say "no CPU build could be reached; the default build follows (several GB on Linux)"
            pip_install "$TORCH"
        }
    fi
}

make_venv
say "Python $("$VENV/bin/python" -c 'import sys; print(sys.version.split()[0], "of", sys.base_prefix)') in $VENV"
install_torch
say "installing recexplainer${EXTRAS:+[$EXTRAS]} into $VENV"
if [[ -n $WHEEL ]]; then
    pip_install --quiet --constraint "$CONSTRAINTS" "$WHEEL${EXTRAS:+[$EXTRAS]}"
else
    pip_install --quiet --constraint "$CONSTRAINTS" --editable "$ROOT${EXTRAS:+[$EXTRAS]}"
fi
