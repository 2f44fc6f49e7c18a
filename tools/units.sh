#!/usr/bin/env bash
# tools/units.sh AGAIN TEST...: runs C tests, one on each core, and prints what each said when it has ended. When no more than AGAIN
# failed, each of them is run once more, alone: what passes then is told as unsteady, a fault to be found. Ends with the slowest.
set -euo pipefail
again=$1
shift
said=$(mktemp -d)
trap 'rm -rf "$said"' EXIT
export said

# Its seconds go to a file, and its name to another when it fails.
run() {
    local name=${1//\//-} began=$SECONDS ended=0
    timeout 300 "$1" >"$said/$name" 2>&1 || ended=$?
    {
        flock 9
        echo "== $1"
        cat "$said/$name"
        printf '%6d s  %s\n' $((SECONDS - began)) "$1" >>"$said/seconds"
        if [ $ended -ne 0 ]; then
            echo "$1 ended with $ended"
            echo "$1" >>"$said/failed"
        fi
    } 9>>"$said/lock"
}
export -f run

touch "$said/failed" "$said/seconds"
printf '%s\n' "$@" | xargs -P "$(nproc)" -I TEST bash -c 'run TEST'
sort -rn "$said/seconds" | sed -n 1,12p
mapfile -t failed <"$said/failed"
for test in ${failed[@]+"${failed[@]}"}; do
    if [ ${#failed[@]} -le "$again" ] && echo "once more, alone" && timeout 300 "$test"; then
        echo "UNSTEADY: $test failed, and passed alone"
    else
        echo "$test failed" >&2
        exit 1
    fi
done
