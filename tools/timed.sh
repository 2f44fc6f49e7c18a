#!/usr/bin/env bash
# timed.sh FILE NAME COMMAND...: runs the command, adds a line "SECONDS NAME" to the file, and ends as the command did. What takes more
# than its budget (.ci/budgets) by half fails too where CI=true, and is told elsewhere.
file=$1 name=$2 since=$SECONDS
shift 2
"$@"
rc=$?
took=$((SECONDS - since))
mkdir -p "$(dirname "$file")"
printf '%6d s  %s\n' $took "$name" | tee -a "$file"
budget=$(awk -v name="$name" '$1 == name { print $2 }' "${CONSE_BUDGETS:-"$(dirname "$0")/../.ci/budgets"}")
if [ -z "$SAN" ] && [ -n "$budget" ] && [ $((took * 2)) -gt $((budget * 3)) ]; then
    echo "$name took $took s; its budget is $budget s (.ci/budgets)" >&2
    [ $rc -ne 0 ] || [ "$CI" != true ] || rc=1
fi
exit $rc
