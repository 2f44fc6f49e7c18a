#!/bin/sh
# certificates.sh AUTHORITY: prints the Secrets of the component bus-tls, with new certificates that the authority in the folder AUTHORITY signs;
# it is made if it is not there (deploy/certificates.sh). DAYS: how long they hold (90). For renewal, too; then restart the Deployments:
#   deploy/k8s/certificates.sh /root/conse-authority | kubectl -n conse apply -f -
set -eu
[ $# -eq 1 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
"$(dirname "$0")/../certificates.sh" "$1" "$made"

value() { # KEY FILE
    printf '  %s: |\n' "$1"
    sed 's/^/    /' "$2"
}

for program in gateway auth events chain ai operator; do
    case $program in operator) name=consectl ;; *) name=conse-$program ;; esac
    printf -- '---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: bus-%s\ntype: kubernetes.io/tls\nstringData:\n' "$program"
    value ca.crt "$made/ca.crt"
    value tls.crt "$made/$name.crt"
    value tls.key "$made/$name.key"
done
