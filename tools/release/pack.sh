#!/bin/sh
# pack.sh FOLDER COMMIT VERSION: adds to a folder of programs what they are made of (sbom.json) and their checksums (SHA256SUMS). With
# KEY=FILE, a secret key of Ed25519, these are signed; without it that is done elsewhere, as is said at the end.
set -eu
folder=$1
sbom=$(node "$(dirname "$0")/sbom.mjs" "$2" "$3" "$folder"/*)
printf '%s\n' "$sbom" >"$folder/sbom.json"
sums=$(cd "$folder" && sha256sum -- *)
printf '%s\n' "$sums" >"$folder/SHA256SUMS"
if [ -n "${KEY:-}" ]; then
    openssl pkeyutl -sign -rawin -inkey "$KEY" -in "$folder/SHA256SUMS" -out "$folder/SHA256SUMS.sig"
else
    echo "to sign it, where the key is: openssl pkeyutl -sign -rawin -inkey KEY -in SHA256SUMS -out SHA256SUMS.sig"
fi
