#!/bin/sh
# deploy.sh TAG: puts another version in the place of the one that runs, while it serves: builds the images (or takes those that
# are there), replaces one container after the other, and then asks the installation whether it runs what it should. What fails is taken back.
#   git pull && deploy/deploy.sh "$(git rev-parse --short HEAD)"
set -eu
[ $# -eq 1 ] || { sed -n '2,4s/^# \{0,1\}//p' "$0" >&2; exit 2; }
tag=$1
etc=${CONSE_ETC:-/etc/conse}
[ -f "$etc/compose.env" ] || { echo "deploy.sh: there is no $etc/compose.env: deploy/setup.sh makes it" >&2; exit 1; }
set -a
# shellcheck disable=SC1091 # setup.sh has made it
. "$etc/compose.env"
set +a
old=$CONSE_TAG
compose=${CONSE_COMPOSE:-docker-compose}
url=${CONSE_CHECK_URL:-https://localhost:${CONSE_HTTPS:-443}}
order="auth chain events ai gateway"
images=${CONSE_IMAGES:-conse-}

# Whose certificate it is does not matter here: what is asked for is compared with the images.
ask() { curl -fsSk --max-time 5 "$url/.well-known/conse"; }

# Every process that is listed runs a program of the new images, and each of these runs.
runs_it() {
    wanted=$(for service in $order; do docker run --rm --network none --entrypoint sha256sum "$images$service:$tag" "/usr/bin/conse-$service"; done | cut -d' ' -f1 | sort -u)
    for _ in $(seq 30); do
        runs=$(ask | jq -r '.replicas[].statement.sha256' | sort -u)
        [ "$runs" = "$wanted" ] && return
        sleep 1
    done
    echo "deploy.sh: what runs is not what was put there" >&2
    return 1
}

answers() {
    for _ in $(seq 50); do
        ask >/dev/null || { echo "deploy.sh: $url does not answer" >&2; return 1; }
    done
}

# What was replaced last goes back first.
take_back() {
    echo "deploy.sh: going back to $old" >&2
    for service in $replaced; do
        CONSE_TAG=$old deploy/roll.sh "$service" || true
    done
    exit 1
}

export CONSE_TAG="$tag"
for service in $order; do
    docker image inspect "$images$service:$tag" >/dev/null 2>&1 && continue
    # shellcheck disable=SC2086 # a word each
    $compose build --build-arg COMMIT="$(git rev-parse HEAD)" $order consectl
    break
done
replaced=
for service in $order; do
    replaced="$service $replaced"
    deploy/roll.sh "$service" || take_back
    answers || take_back
done
runs_it || take_back
sed -i "s/^CONSE_TAG=.*/CONSE_TAG=$tag/" "$etc/compose.env"
echo "deploy.sh: $tag runs"
