#!/bin/sh
# needed_packages.sh PROGRAM...: the Debian packages that the programs need when they run.
set -eu

# A package may name its files by the folder that is a link now.
package_of() {
    dpkg -S "$1" 2>/dev/null || dpkg -S "${1#/usr}"
}

{
    ldd "$@" | sed -n 's/.*=> \(\/[^ ]*\) (.*/\1/p' | sort -u | while read -r library; do
        package_of "$(readlink -f "$library")"
    done
    # Loaded when it is needed: lib/store/mongo/library.c.
    package_of "$(readlink -f /usr/lib/*/libmongoc-1.0.so.0)"
    echo ca-certificates:
    echo tzdata:
} | cut -d: -f1 | sort -u
