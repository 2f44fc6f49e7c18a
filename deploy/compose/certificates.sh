#!/bin/sh
# certificates.sh AUTHORITY: puts certificates for TLS between the services (deploy/compose/tls.yml) below CONSE_SECRETS, to each container its
# own, signed by the authority in the folder AUTHORITY, which is made if it is not there: keep it elsewhere. For renewal, too; then
# `docker-compose kill -s HUP gateway auth events chain ai`. DAYS: how long they hold (90). CONSE_GROUP: who reads them (65532).
set -eu
[ $# -eq 1 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
out=${CONSE_SECRETS:-/etc/conse/secrets}/certificates
group=${CONSE_GROUP:-65532} # of the programs in the images
for container in gateway auth events chain ai consectl; do
    case $container in consectl) name=consectl ;; *) name=conse-$container ;; esac
    mkdir -p "$out/$container"
    GROUP=$group "$(dirname "$0")/../certificates.sh" "$1" "$out/$container" "$name"
    chgrp "$group" "$out" "$out/$container"
    chmod 0750 "$out" "$out/$container"
done
