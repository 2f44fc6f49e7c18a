#!/bin/sh
# install.sh BUILD ROOT: puts what BUILD has, programs and console, and the units with their scripts where the units look for them, below ROOT
# ("" is the machine itself). For deploy/setup.sh.
set -eu
[ $# -eq 2 ] || { sed -n '2,3s/^# //p' "$0" >&2; exit 2; }
build=$1 root=$2
here=$(dirname "$0")
install -d "$root/usr/lib/conse" "$root/usr/share/conse" "$root/etc/systemd/system"
for program in conse-gateway conse-auth conse-events conse-chain conse-ai consectl; do install -m 0755 "$build/bin/$program" "$root/usr/lib/conse/"; done
for script in backup.sh drill.sh audit.sh; do install -m 0755 "$here/$script" "$root/usr/lib/conse/"; done
install -m 0644 "$here"/*.service "$here"/*.timer "$here"/*.target "$root/etc/systemd/system/"
# Files of an older console have other names; the gateway that runs has read its own.
web=$root/usr/share/conse/web
rm -rf "$web.new"
cp -R "$build/web" "$web.new"
chmod -R u=rwX,go=rX "$web.new"
rm -rf "$web"
mv "$web.new" "$web"
