#!/bin/sh
# base.sh TAR [SUITE PACKAGE,...]: Debian's packages as the slim image has them, where no image can be had.
set -eu
tar=$1 suite=${2:-bookworm} packages=${3:-ca-certificates}
[ -s "$tar" ] && exit 0
root=$(mktemp -d)
chmod 755 "$root" # it is everybody's /
trap 'rm -rf "$root"' EXIT
archive=$(apt-get indextargets --format "\$(REPO_URI)" 'Created-By: Packages' 'Codename: bookworm' 'Component: main' 'Origin: Debian' | head -n 1)
debootstrap --variant=minbase --include="$packages" "$suite" "$root" "$archive" >"$tar.log" 2>&1 || { tail -5 "$tar.log" >&2; exit 1; }
# Where the way out is another one's TLS, as this machine trusts it.
if [ -x "$root/usr/sbin/update-ca-certificates" ] && ls /usr/local/share/ca-certificates/*.crt >/dev/null 2>&1; then
    cp /usr/local/share/ca-certificates/*.crt "$root/usr/local/share/ca-certificates/"
    chroot "$root" update-ca-certificates >>"$tar.log" 2>&1
fi
printf 'path-exclude=/usr/share/%s/*\n' doc man locale info lintian >"$root/etc/dpkg/dpkg.cfg.d/slim"
rm -rf "$root"/usr/share/doc "$root"/usr/share/man "$root"/usr/share/locale "$root"/usr/share/info "$root"/usr/share/lintian \
    "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/var/log/*
mkdir -p "$root/var/cache/apt/archives/partial"
tar -C "$root" -cf "$tar.new" .
mv "$tar.new" "$tar"
