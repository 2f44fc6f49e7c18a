#!/bin/sh
# base.sh BASE BUILD: prints where the programs of another build are. BASE is the folder of a built clone, or a commit: that is
# built in a worktree below BUILD, of which only the programs are kept.
set -eu
base=$1
build=$2

if [ -d "$base" ]; then
    [ -x "$base/build/bin/conse-gateway" ] || { echo "bench-cost: $base is not built" >&2; exit 1; }
    cd "$base/build/bin" && pwd
    exit
fi
commit=$(git rev-parse --verify --quiet "$base^{commit}") || { echo "bench-cost: BASE=$base is no folder and no commit" >&2; exit 1; }
bin=$build/base/$commit
if [ ! -d "$bin" ]; then
    tree=$build/base/tree
    git worktree remove --force "$tree" 2>/dev/null || true
    git worktree add --quiet --detach "$tree" "$commit"
    trap 'git worktree remove --force "$tree"' EXIT
    MAKEFLAGS='' make --no-print-directory -C "$tree" -j"$(nproc)" BUILD=build build >&2
    mv "$tree/build/bin" "$bin"
fi
cd "$bin" && pwd
