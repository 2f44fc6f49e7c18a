#!/bin/sh
# run.sh SUITE BUILD TEST: a bare Debian of that suite with a checkout, and on it the test, in namespaces of its own (tests/deploy/README.md).
set -eu
suite=$1 build=$2 test=$3
[ "$(id -u)" -eq 0 ] || { echo "$test: needs root, for a root of its own" >&2; exit 1; }
mkdir -p "$build/deploy"
tests/deploy/base.sh "$build/deploy/bare-$suite.tar" "$suite" ca-certificates,git,make,systemd
work=$(mktemp -d /var/tmp/conse-bare-XXXXXX)
proxy=
# shellcheck disable=SC2317 # called by the trap
clean() {
    [ -z "$proxy" ] || kill "$proxy" 2>/dev/null || true
    rm -rf "$work"
}
trap clean EXIT
mkdir "$work/root"
tar -C "$work/root" -xf "$build/deploy/bare-$suite.tar"
git clone --quiet --no-hardlinks . "$work/root/root/conse"
node tests/deploy/proxy.mjs "$work/proxy.sock" &
proxy=$!
CONSE_BARE=$work unshare --net --mount --pid --fork --kill-child --mount-proc \
    sh -c 'ip link set lo up && exec node --test "$0"' "tests/deploy/bare/$test"
