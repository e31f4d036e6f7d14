#!/usr/bin/env bash
# Install recexplainer into a virtual environment of its own, in editable mode.
#
#   tools/install.sh VENV [EXTRAS]      such as: tools/install.sh .venv dev
#
# torch comes first, because its default Linux build brings several GB of CUDA packages: a machine
# without an NVIDIA GPU gets the CPU build, one with a GPU gets the build that fits its driver.
set -euo pipefail

readonly VENV=${1:?usage: tools/install.sh VENV [EXTRAS]}
readonly EXTRAS=${2:-}
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly ROOT
readonly CONSTRAINTS="$ROOT/constraints.txt"
TORCH=$(grep -m1 '^torch==' "$CONSTRAINTS")
readonly TORCH

say() { printf '── %s\n' "$*" >&2; }

find_python() {
    local candidate
    for candidate in "${PYTHON:-}" python3.11 python3 python; do
        [[ -n $candidate ]] || continue
        if "$candidate" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

make_venv() {
    local python
    [[ -x $VENV/bin/python ]] && return
    if python=$(find_python); then
        "$python" -m venv "$VENV"
    elif command -v uv >/dev/null; then
        uv venv --seed --python 3.11 "$VENV"
    else
        say "Python 3.11 was not found (RecBole 1.2.1 has no release for later ones)."
        say "Install it, or name it: make install PYTHON=/path/to/python3.11"
        exit 1
    fi
}

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
install_torch
say "installing recexplainer${EXTRAS:+[$EXTRAS]} into $VENV"
pip_install --quiet --constraint "$CONSTRAINTS" --editable "$ROOT${EXTRAS:+[$EXTRAS]}"
