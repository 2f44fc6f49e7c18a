#!/bin/sh
# trail.sh MODEL [GUARD]: the shortest way to a failing assertion of MODEL.pml, without the guard: what each process did, and what
# the variables were at the end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
sed 's/^hidden //' "$(dirname "$0")/$1.pml" >"$folder/$1.pml" # the shortest way is not found with hidden variables
cd "$folder"
spin -a ${2:+"-D$2"} "$1.pml" >/dev/null
gcc -O1 -w -DSAFETY -DCOLLAPSE -DBFS -o pan pan.c
./pan | grep -E 'assertion|invalid end' || { echo "nothing fails"; exit 1; }
spin ${2:+"-D$2"} -k "$1.pml.trail" -p "$1.pml" | grep -vE ' = 0$|\[(\.\(goto\)|DO|IF|sub-sequence|else|break|goto [^]]*)\]'
