#!/bin/sh
# find_kustomize.sh BUILD: prints the command that renders manifests: kubectl, where there is one, else kustomize, which is built once from
# its Go module, of the version in kustomize.version.
set -eu
if command -v kubectl >/dev/null 2>&1; then echo "kubectl kustomize" && exit 0; fi
built=$1/manifests/kustomize
if [ ! -x "$built" ]; then
    mkdir -p "$(dirname "$built")"
    echo "  GO    $built" >&2
    GOTOOLCHAIN=auto GOBIN=$(cd "$(dirname "$built")" && pwd) "$(tests/stores/find_go.sh)" install \
        "sigs.k8s.io/kustomize/kustomize/v5@$(cat tests/manifests/kustomize.version)" >&2
fi
echo "$built build"
