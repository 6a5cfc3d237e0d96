#!/bin/bash
# Sourced by every script here: go to the top of the repository, and say what happens.
# Where the caller's shell looks for Python modules must not change what runs.
CDPATH='' cd -- "$(dirname "${BASH_SOURCE[0]}")/.." || exit
unset PYTHONPATH PYTHONHOME

say() { printf '\n== %s\n' "$*"; }

fail() {
    printf 'hexachord: %s\n' "$*" >&2
    exit 1
}
