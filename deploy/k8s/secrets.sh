#!/bin/sh
# secrets.sh MONGODB REDIS: prints the Secrets of an installation, with new keys. %s in MONGODB stands for the service's name:
#   deploy/k8s/secrets.sh 'mongodb://mongodb:7441/conse_%s' 'redis://redis:6379/0' | kubectl -n conse create -f -
# `create` never replaces a key that is there already. Without the master key a copy of the stores is worth nothing: keep it elsewhere, too.
set -eu
[ $# -eq 2 ] || { sed -n '2,3s/^# //p' "$0" >&2; exit 2; }
mongodb=$1 redis=$2

secret() { # NAME KEY VALUE
    printf -- '---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: %s\ntype: Opaque\nstringData:\n  %s: "%s"\n' "$1" "$2" "$3"
}

secret bus keys "$(openssl rand -hex 32)"
secret master key "$(openssl rand -hex 32)"
for service in auth events chain ai; do
    # shellcheck disable=SC2059 # the URL is the format
    secret "$service-store" url "$(printf "$mongodb" "$service")"
done
secret cache url "$redis"
secret channels url "$redis"
