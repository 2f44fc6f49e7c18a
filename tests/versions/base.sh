#!/bin/sh
# base.sh [COMMIT]: builds the programs of an older commit with its own Makefile in build/versions, and prints the folder of its sources.
# Without COMMIT it is the oldest that works beside today's programs: the one that changed proto/breaks.txt last.
set -eu

fail() {
    echo "make test-versions: $1" >&2
    exit 1
}

git rev-parse --git-dir >/dev/null 2>&1 || fail "this is no checkout, and older programs are built from git's history: clone the repository"
[ "$(git rev-parse --is-shallow-repository)" = false ] || fail "the history is cut off (a shallow clone): git fetch --unshallow"
base=${1:-$(git log -1 --format=%H -- proto/breaks.txt)}
commit=$(git rev-parse --verify --quiet "$base^{commit}") || fail "there is no commit $base"

folder=build/versions/$commit
if [ ! -d "$folder" ]; then
    rm -rf "$folder.new"
    git clone --quiet --shared --no-checkout . "$folder.new"
    git -C "$folder.new" checkout --quiet --detach "$commit"
    mv "$folder.new" "$folder"
fi
# Not with the words of the make that runs this.
env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make --no-print-directory -j"$(nproc)" -C "$folder" run-build >&2
echo "$PWD/$folder"
