#!/usr/bin/env bash
# timed.sh FILE NAME COMMAND...: runs the command, adds a line "SECONDS NAME" to the file, and ends as the command did.
file=$1 name=$2 since=$SECONDS
shift 2
"$@"
rc=$?
mkdir -p "$(dirname "$file")"
printf '%6d s  %s\n' $((SECONDS - since)) "$name" | tee -a "$file"
exit $rc
