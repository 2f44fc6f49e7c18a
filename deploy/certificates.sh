#!/bin/sh
# certificates.sh CA OUT [PROGRAM...]: certificates for tls+tcp:// between services (docs/operations.md). CA is a folder for ca.key and ca.crt,
# which are made if they are not there; keep it where no service runs. OUT gets ca.crt, and PROGRAM.crt and PROGRAM.key of each program, anew;
# then send SIGHUP. DAYS: how long they hold (90). GROUP: a group that may read the files.
set -eu
umask 077
[ $# -ge 2 ] || { sed -n '2,4s/^# //p' "$0" >&2; exit 2; }
ca=$1 out=$2
shift 2
[ $# -gt 0 ] || set -- conse-gateway conse-auth conse-events conse-chain conse-ai consectl
mkdir -p "$ca" "$out"
new=$(mktemp -d "$out/.new-XXXXXX")
trap 'rm -rf "$new"' EXIT

make_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1"; }

share() { # FILE...
    [ -n "${GROUP:-}" ] || return 0
    chgrp "$GROUP" "$@"
    chmod 0440 "$@"
}

if [ ! -e "$ca/ca.key" ]; then
    make_key "$new/ca.key"
    openssl req -x509 -key "$new/ca.key" -days 3650 -subj "/CN=Conse's services" -addext basicConstraints=critical,CA:TRUE,pathlen:0 \
        -addext keyUsage=critical,keyCertSign,cRLSign -out "$new/ca.crt"
    mv "$new/ca.crt" "$new/ca.key" "$ca"
fi
for program; do
    make_key "$new/$program.key"
    printf '%s\n' basicConstraints=critical,CA:FALSE keyUsage=critical,digitalSignature extendedKeyUsage=serverAuth,clientAuth \
        "subjectAltName=DNS:$program" >"$new/extensions"
    openssl req -new -key "$new/$program.key" -subj "/CN=$program" -out "$new/request"
    openssl x509 -req -in "$new/request" -CA "$ca/ca.crt" -CAkey "$ca/ca.key" -set_serial "0x$(openssl rand -hex 16)" -days "${DAYS:-90}" \
        -extfile "$new/extensions" -out "$new/$program.crt" 2>"$new/said" || { cat "$new/said" >&2; exit 1; }
    share "$new/$program.key" "$new/$program.crt"
    mv "$new/$program.key" "$new/$program.crt" "$out"
done
cp "$ca/ca.crt" "$new/ca.crt"
share "$new/ca.crt"
mv "$new/ca.crt" "$out"
