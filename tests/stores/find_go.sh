#!/bin/sh
# Prints the path of a Go that builds ferretdb: from 1.21 on it fetches the compiler that go.mod names. Fails when there is none.
set -u
for go in go /usr/local/go/bin/go /usr/lib/go-*/bin/go; do
    path=$(command -v "$go") || continue
    version=$("$path" env GOVERSION | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
    [ "${version:-0}" -ge 21 ] && echo "$path" && exit 0
done
exit 1
