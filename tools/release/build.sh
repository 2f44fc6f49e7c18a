#!/bin/sh
# build.sh COMMIT FOLDER [GOAL...]: builds the programs of a commit, or these goals, twice, from its sources alone, in two folders of different
# names and without a cache. When both gave the same bytes, the programs come into FOLDER.
set -eu
commit=$(git rev-parse --verify "$1^{commit}")
folder=$2
shift 2
[ $# -gt 0 ] || set -- run-build
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
first=$work/first second=$work/another-folder-with-a-longer-name

for place in "$first" "$second"; do
    mkdir "$place"
    git archive "$commit" | tar -xC "$place"
    # Not with the words of the make that runs this.
    env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL CCACHE_DISABLE=1 make --no-print-directory -j"$(nproc)" -C "$place" COMMIT="$commit" CFLAGS=-O2 "$@" >&2
    mkdir -p "$place/build/bin"
    find "$place/build/bin" -type f -exec strip {} +
    find "$place/build" -name '*.d' -delete
done
diff -r "$first/build" "$second/build" >&2 || { echo "build.sh: two builds differ" >&2; exit 1; }
mkdir -p "$folder"
find "$first/build/bin" -type f -exec install -m 0755 -t "$folder" {} +
