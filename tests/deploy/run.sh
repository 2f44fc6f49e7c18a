#!/bin/sh
# run.sh BUILD: the containers' test, in namespaces of its own: nothing of the machine's network is touched, and nothing is left running.
# BUILD keeps the base of images.
set -eu
build=$1
[ "$(id -u)" -eq 0 ] || { echo "test-deploy: needs root, for dockerd" >&2; exit 1; }
mkdir -p "$build/deploy"
tests/deploy/base.sh "$build/deploy/base.tar"
work=$(mktemp -d /var/tmp/conse-deploy-XXXXXX)
proxy=
# shellcheck disable=SC2317 # called by the trap
clean() {
    [ -z "$proxy" ] || kill "$proxy" 2>/dev/null || true
    rm -rf "$work"
}
trap clean EXIT
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
    -keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null

state() { iptables-save 2>/dev/null | grep -v '^#' | sed 's/\[[0-9:]*\]//'; ip -o address | sed 's/valid_lft.*//'; cat /proc/sys/net/ipv4/ip_forward; }
state >"$work/state.before"

# What is built asks for packages through this; within the namespaces there is no network.
node tests/deploy/proxy.mjs "$work/proxy.sock" &
proxy=$!

rc=0
CONSE_DEPLOY=$work CONSE_DEPLOY_BASE=$build/deploy/base.tar NODE_EXTRA_CA_CERTS=$work/cert.pem unshare --net --mount --pid --fork --kill-child --mount-proc \
    sh -c 'ip link set lo up && exec node --test --test-concurrency=1 tests/deploy/*.test.mjs' || rc=$?
state >"$work/state.after"
diff "$work/state.before" "$work/state.after" || { echo "test-deploy: the machine's network is not as it was" >&2; exit 1; }
exit $rc
