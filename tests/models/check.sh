#!/bin/sh
# check.sh MODEL FOLDER [FLAG...]: searches all states of MODEL.pml, where every assertion must hold; then without each guard that
# its head lists, where the assertion that the guard's line names must fail. One line for each search; their files go to FOLDER.
set -eu
model=$1 folder=$2
shift 2
source=$(cd "$(dirname "$0")" && pwd)/$model.pml

# search NAME OPTIMIZE FLAG...: what pan says is in FOLDER/NAME/out. Bounds that cut a search off fail in holds and breaks.
search() {
    name=$1 optimize=$2
    shift 2
    rm -rf "${folder:?}/$name"
    mkdir -p "$folder/$name"
    cd "$folder/$name"
    spin -a "$@" "$source" >spin.log 2>&1 || { cat spin.log >&2; exit 1; }
    gcc "$optimize" -w -DSAFETY -DCOLLAPSE -DMEMLIM=900 -o pan pan.c
    timeout 600 ./pan -m20000 >out 2>&1 || true
    cd - >/dev/null
}

fail() {
    echo "$model: $1" >&2
    cat "$folder/$2/out" >&2
    exit 1
}

# Every state was seen, none is wrong, and no statement is dead.
holds() {
    out=$folder/whole/out
    grep -q 'errors: 0$' "$out" || fail "an assertion fails, or processes block each other" whole
    if grep -qE 'Search not completed|max search depth too small|reached -DMEMLIM' "$out"; then fail "the search was cut off" whole; fi
    if grep -E 'state [0-9]+, ' "$out" | grep -vq -- '-end-'; then fail "some statements are never reached" whole; fi
    printf '%-11s %-19s holds in %s states\n' "$model" "" "$(sed -n 's/^ *\([0-9e+.]*\) states, stored.*/\1/p' "$out")"
}

breaks() {
    grep -qF "assertion violated  !($2)" "$folder/$1/out" || fail "$1: nothing is $2" "$1"
    printf '%-11s %-19s caught: %s\n' "$model" "$1" "$2"
}

listed=$(sed -n 's|^// guard \(NO_[A-Z_]*\) *\([a-z]*\) .*|\1 \2|p' "$source")
used=$(sed '/^\/\//d' "$source" | grep -o 'NO_[A-Z_]*' | sort -u)
[ "$(echo "$listed" | cut -d' ' -f1 | sort -u)" = "$used" ] || { echo "$model: its head does not list the guards that it has" >&2; exit 1; }

search whole -O1 "$@"
holds
echo "$listed" | while read -r guard broken; do
    search "$guard" -O0 "-D$guard" "$@"
    breaks "$guard" "$broken"
done
