#!/usr/bin/env bash
# Run the tests on other Pythons, each in a fresh environment.
#
#   tools/other_pythons.sh [WHICH...]      such as: tools/other_pythons.sh 3.12 3.13 debian:trixie
#
# WHICH is a version, which is looked for on PATH, in pyenv and in uv; the path of an interpreter; or
# debian:SUITE, the python3 of that Debian, which debootstrap unpacks into a folder (as root). The default
# is every supported version that is found. TEST is what is run, FOLDER where the environments lie.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly TEST=${TEST:-make test}
FOLDER=${FOLDER:-$(mktemp -d)}
readonly FOLDER

# The first interpreter of a version that runs.
find_version() {
    local candidate
    for candidate in "python$1" \
        "$(pyenv root 2>/dev/null || echo "$HOME/.pyenv")"/versions/"$1"*/bin/"python$1" \
        "$(uv python find --no-python-downloads "$1" 2>/dev/null)"; do
        if "$candidate" -c '' 2>/dev/null; then
            "$candidate" -c 'import sys; print(sys.executable)'
            return
        fi
    done
    return 1
}

# A root of its own; what is tested in it is a clone of what is committed.
make_debian() {
    local root=$1 suite=$2
    debootstrap --variant=minbase --include=ca-certificates,git,make,python3,python3-venv \
        "$suite" "$root" >"$root.log"
    cp /etc/resolv.conf "$root/etc/"
    cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/" # with those added to this machine
    git clone --quiet . "$root/src"
}

# Mounts are this process's own, so that none is left behind.
test_in_debian() {
    local root=$FOLDER/debian-$1
    [[ -d $root/src ]] || make_debian "$root" "$1"
    # shellcheck disable=SC2016
    unshare --mount bash -c 'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev" &&
        exec chroot "$0" bash -c "cd /src && VENV=/venv PYTHON= $1"' "$root" "$TEST"
}

test_on() {
    if [[ $1 == debian:* ]]; then
        test_in_debian "${1#debian:}"
    else
        PYTHON=$1 VENV=$FOLDER/$("$1" -c 'import sys; print(sys.version.split()[0])') bash -c "$TEST"
    fi
}

which=("$@")
[[ ${#which[@]} -gt 0 ]] || which=(3.11 3.12 3.13 3.14)
summary=() failed=0
for asked in "${which[@]}"; do
    one=$asked
    if [[ $asked =~ ^3\.[0-9]+$ ]] && ! one=$(find_version "$asked"); then
        summary+=("$asked: not found")
        [[ $# -eq 0 ]] || failed=1
        continue
    fi
    printf '\n══ %s\n' "$one"
    if (test_on "$one"); then
        summary+=("$one: passed")
    else
        summary+=("$one: FAILED") failed=1
    fi
done
printf '\nThe environments are kept in %s\n' "$FOLDER"
printf '%s\n' "${summary[@]}"
exit $failed
