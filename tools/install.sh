#!/bin/sh
# install.sh GROUP...: installs the Debian packages of the named groups that are still missing.
# Groups: build, programs, test, lint, bench, peers, demo. Needs root (or sudo) only when something is missing.
set -eu

build="gcc libc6-dev pkg-config libnng-dev protobuf-compiler protobuf-c-compiler libprotobuf-c-dev libprotobuf-dev
       libmicrohttpd-dev libgnutls28-dev libsodium-dev libsqlite3-dev libjansson-dev libcurl4-openssl-dev libical-dev tzdata
       zlib1g-dev curl"
test="libcmocka-dev clang libclang-rt-14-dev llvm sqlite3 openssl prometheus chromium"
programs="clang"
lint="clang clang-format clang-tidy cppcheck"
bench="wrk sqlite3"
peers="wrk nats-server haproxy nginx-light"

demo=""
python3 -m pip --version >/dev/null 2>&1 || test="$test python3-pip"
command -v node >/dev/null 2>&1 || { test="$test nodejs"; demo="nodejs"; }
command -v npm >/dev/null 2>&1 || { test="$test npm"; bench="$bench npm"; peers="$peers npm"; }

wanted=""
for group in "$@"; do
    case $group in
    build) wanted="$wanted $build" ;;
    test) wanted="$wanted $test" ;;
    programs) wanted="$wanted $programs" ;;
    lint) wanted="$wanted $lint" ;;
    bench) wanted="$wanted $bench" ;;
    peers) wanted="$wanted $peers" ;;
    demo) wanted="$wanted $demo" ;;
    *) echo "install.sh: no group '$group' (build, programs, test, lint, bench, peers, demo)" >&2; exit 2 ;;
    esac
done

missing=""
for package in $wanted; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0

echo "installing:$missing" >&2
as_root=""
[ "$(id -u)" -eq 0 ] || as_root=sudo
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -q >/dev/null
# shellcheck disable=SC2086
$as_root apt-get install -q -y --no-install-recommends $missing >/dev/null
