# Lines that tell a person what is happening and how long it took. Sourced by the other scripts.
# shellcheck shell=bash

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
    bold=$(printf '\033[1m') plain=$(printf '\033[0m') red=$(printf '\033[31m')
else
    bold='' plain='' red=''
fi

say() { printf '%s\n' "$*"; }
heading() { printf '%s==> %s%s\n' "$bold" "$*" "$plain"; }
complain() { printf '%s%s%s\n' "$red" "$*" "$plain" >&2; }

# Seconds as `7 s` or `2 min 7 s`.
duration() {
    if [ "$1" -lt 60 ]; then printf '%d s' "$1"; else printf '%d min %d s' $(($1 / 60)) $(($1 % 60)); fi
}

# Build products live outside the clone, so that another checkout or a fresh one does not compile everything again.
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-${HOME:-~}/.cache}/flotilla/target}

# Cargo's own tools (cargo-deny, cargo-nextest) where the system has none.
tools=${XDG_CACHE_HOME:-${HOME:-~}/.cache}/flotilla/tools
export PATH=$PATH:$tools/bin
