#!/bin/sh
# conse-cluster OPTION...: a local Solana with the on-chain programs. The options are those of src/server.mjs.
set -eu
at=$(dirname "$0")/..
exec node "$at/cluster/src/server.mjs" --program "@TICKET@=$at/programs/ticket.v0.so" \
    --program "@WHITELIST@=$at/programs/whitelist.v0.so" "$@"
