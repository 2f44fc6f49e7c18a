#!/bin/sh
# install.sh GROUP...: installs the Debian packages of the named groups that are still missing.
# Groups: build, programs, cluster, test, models, stores, ferretdb, torture, containers, units, front, deploy, lint, bench, peers, demo. Needs root (or sudo) only when something is
# missing.
set -eu

build="gcc libc6-dev pkg-config libnng-dev protobuf-compiler protobuf-c-compiler libprotobuf-c-dev libprotobuf-dev
       libmicrohttpd-dev libgnutls28-dev libsodium-dev libsqlite3-dev libjansson-dev libcurl4-openssl-dev libssl-dev libical-dev libicu-dev
       libargon2-dev libutf8proc-dev libqrencode-dev libmongoc-dev libhiredis-dev libwslay-dev libseccomp-dev tzdata zlib1g-dev curl"
# In Debian 12 the sanitizers' and fuzzers' runtime carries clang's version in its name, and the time zones' older names (Iran)
# are with the others.
runtime=libclang-rt-dev
if grep -qs '^VERSION_ID="12"' /etc/os-release; then runtime=libclang-rt-14-dev; else build="$build tzdata-legacy"; fi
test="libcmocka-dev redis-server clang $runtime llvm sqlite3 openssl jq prometheus chromium firefox-esr systemd"
programs="clang"
cluster="clang"
models="spin gcc libc6-dev"
torture="iproute2 iptables util-linux gdb"
containers="docker.io docker-compose openssl curl jq"
deploy="$containers debootstrap iproute2 iptables util-linux"
units="procps openssl"
front="haproxy openssl"
lint="clang clang-format clang-tidy cppcheck shellcheck"
bench="wrk sqlite3 libfmt-dev"
peers="wrk nats-server haproxy nginx-light"

stores=""
command -v javac >/dev/null 2>&1 || stores="$stores default-jdk-headless"
command -v mvn >/dev/null 2>&1 || stores="$stores maven"
# Debian 12 has a Go that is new enough in its backports.
ferretdb="" backports=""
if ! tests/stores/find_go.sh >/dev/null; then
    if [ $runtime = libclang-rt-14-dev ]; then ferretdb=golang-1.23-go backports=bookworm; else ferretdb=golang-go; fi
fi

demo=""
python3 -m pip --version >/dev/null 2>&1 || test="$test python3-pip"
command -v node >/dev/null 2>&1 || { build="$build nodejs"; test="$test nodejs"; stores="$stores nodejs"; lint="$lint nodejs"; demo="nodejs"; cluster="$cluster nodejs"; }
command -v npm >/dev/null 2>&1 || { build="$build npm"; test="$test npm"; stores="$stores npm"; bench="$bench npm"; peers="$peers npm"; cluster="$cluster npm"; }

wanted=""
for group in "$@"; do
    case $group in
    build) wanted="$wanted $build" ;;
    test) wanted="$wanted $test" ;;
    programs) wanted="$wanted $programs" ;;
    cluster) wanted="$wanted $cluster" ;;
    models) wanted="$wanted $models" ;;
    stores) wanted="$wanted $stores" ;;
    ferretdb) wanted="$wanted $ferretdb" ;;
    torture) wanted="$wanted $torture" ;;
    containers) wanted="$wanted $containers" ;;
    units) wanted="$wanted $units" ;;
    front) wanted="$wanted $front" ;;
    deploy) wanted="$wanted $deploy" ;;
    lint) wanted="$wanted $lint" ;;
    bench) wanted="$wanted $bench" ;;
    peers) wanted="$wanted $peers" ;;
    demo) wanted="$wanted $demo" ;;
    *) echo "install.sh: no group '$group' (build, programs, cluster, test, models, stores, ferretdb, torture, containers, units, front, deploy, lint, bench, peers, demo)" >&2; exit 2 ;;
    esac
done

missing=""
for package in $wanted; do
    case " $missing " in *" $package "*) continue ;; esac
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0

echo "installing:$missing" >&2
if ! command -v apt-get >/dev/null 2>&1; then
    echo "install.sh: there is no apt-get here; what is missing has to be installed by hand" >&2
    exit 1
fi
as_root=""
if [ "$(id -u)" -ne 0 ]; then
    as_root=sudo
    command -v sudo >/dev/null 2>&1 || { echo "install.sh: needs root, or sudo" >&2; exit 1; }
fi

# What apt says is shown when it fails.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt() {
    # shellcheck disable=SC2086 # empty for root
    $as_root env DEBIAN_FRONTEND=noninteractive DEBCONF_NOWARNINGS=yes apt-get -q "$@" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
}
apt update
case $backports$missing in
bookworm*\ golang*) # the archive that the other packages come from has the backports too
    archive=$(apt-get indextargets --format "\$(REPO_URI)" 'Created-By: Packages' "Codename: $backports" 'Component: main' 'Origin: Debian' | head -n 1)
    echo "deb $archive $backports-backports main" | $as_root tee /etc/apt/sources.list.d/conse-backports.list >/dev/null
    apt update
    ;;
esac
# shellcheck disable=SC2086 # one word per package
apt install -y --no-install-recommends $missing
