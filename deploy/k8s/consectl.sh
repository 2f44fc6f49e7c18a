#!/bin/sh
# consectl.sh ARGUMENT...: runs consectl in the cluster, near the services, and prints what it says.
#   deploy/k8s/consectl.sh user level ada dev
set -eu
job=consectl-$(date +%s)-$$
kube="kubectl -n ${CONSE_NAMESPACE:-conse}"

arguments=
for each in "$@"; do
    arguments="$arguments,\"$(printf %s "$each" | sed 's/[\\"]/\\&/g')\""
done
patch="[{\"op\":\"replace\",\"path\":\"/spec/template/spec/containers/0/args\",\"value\":[${arguments#,}]}]"

$kube create job "$job" --from=cronjob/consectl --dry-run=client -o yaml |
    $kube patch --local -f - --type=json -p "$patch" -o yaml | $kube create -f - >/dev/null
trap '$kube delete job "$job" --wait=false >/dev/null' EXIT
until $kube logs "job/$job" --follow 2>/dev/null; do sleep 1; done
$kube wait --for=condition=complete --timeout=10s "job/$job" >/dev/null
