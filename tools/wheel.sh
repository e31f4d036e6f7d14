#!/usr/bin/env bash
# Build the wheel, and use it as someone does who has no checkout: in a fresh environment, elsewhere.
#
#   tools/wheel.sh VENV      VENV: an environment with development tools; the wheel is left in dist/
set -euo pipefail

VENV=$(realpath "${1:?usage: tools/wheel.sh VENV}")
readonly VENV
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly ROOT
ELSEWHERE=$(mktemp -d)
readonly ELSEWHERE
trap 'rm -rf "$ELSEWHERE"' EXIT

say() { printf '── %s\n' "$*" >&2; }

# First the source distribution, then the wheel from it: what one lacks, both lack.
rm -rf "$ROOT/dist"
"$VENV/bin/python" -m build --outdir "$ROOT/dist" "$ROOT" >"$ELSEWHERE/build.log" 2>&1 || {
    cat "$ELSEWHERE/build.log" >&2
    exit 1
}
WHEEL=$(echo "$ROOT"/dist/*.whl)
readonly WHEEL

PYTHON="$VENV/bin/python" "$ROOT/tools/install.sh" "$ELSEWHERE/venv" "" "$WHEEL"

unset PYTHONPATH
mkdir "$ELSEWHERE/empty"
cd "$ELSEWHERE/empty"

say "comparing what is installed with the files of the package"
installed=$("$ELSEWHERE/venv/bin/python" -c 'import recexplainer; print(recexplainer.__path__[0])')
[[ $installed == "$ELSEWHERE"/* ]] || { say "$installed is not the wheel's" && exit 1; }
diff --recursive --brief --exclude=__pycache__ "$ROOT/recexplainer" "$installed"

# As short as a run can be; it says little of f, but every stage reads its own files.
say "recx run, in an empty folder"
recx() { OMP_NUM_THREADS=1 "$ELSEWHERE/venv/bin/recx" "$@"; }
recx run --target sasrec --align hybrid --out run --set dataset.sample_users=100 \
    --set surrogate.device=cpu --set surrogate.tiny.layers=1 --set surrogate.tiny.width=32 \
    --set target.options.max_epochs=1 --set training.budget=0.02 \
    --set fidelity.users=4 --set explanations.users=2
test -s run/report.html
recx init --plugin recx-mine --kind target
say "the wheel works: $WHEEL"
