#!/bin/sh
# env_example.sh BIN: prints .env.example from the --help of the services in that folder.
set -eu
bin=$1
services="gateway auth events chain ai"

echo "# Settings of \`make run\`: copy to .env and change what you need. \`build/bin/conse-NAME --help\` explains each."
echo "# A line commented out shows the default. The environment takes precedence over this file; nothing is expanded."
echo "# 64 hex digits for CONSE_BUS_KEY: openssl rand -hex 32"

# A setting of several services is shown once, on top.
for service in $services; do
    "$bin/conse-$service" --help | sed -n "s/^  \(CONSE_[A-Z_]*\)  *\(.*\)/$service \1 \2/p"
done | awk '
    { count[$2]++; line[NR] = $0; service[NR] = $1; name[NR] = $2 }
    function show(i,    text, value) {
        text = line[i]; value = ""
        sub(/^[^ ]+ [^ ]+ /, "", text)
        if (match(text, / \[[^]]*\]$/)) {
            value = substr(text, RSTART + 2, RLENGTH - 3)
            text = substr(text, 1, RSTART - 1)
        }
        print "# " text "\n#" name[i] "=" (value == "required" ? "" : value)
    }
    END {
        print "\n# ---- Shared"
        for (i = 1; i <= NR; i++) if (count[name[i]] > 1 && !shown[name[i]]++) show(i)
        for (i = 1; i <= NR; i++) {
            if (count[name[i]] > 1) continue
            if (service[i] != before) print "\n# ---- " service[i]
            before = service[i]
            show(i)
        }
    }'
