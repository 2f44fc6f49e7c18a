#!/bin/sh
# roll.sh SERVICE...: replaces the containers of services by new ones, of the image that is there now, one after the other. A new one is
# ready, and known to the others, before an old one is told to end; what is in flight there ends first.
set -eu
compose=${CONSE_COMPOSE:-docker-compose}
known_s=12 # until all have looked the name up again, which they do every six seconds at the latest
ready_s=300

containers() { # SERVICE
    docker ps -q --filter "label=com.docker.compose.project=${COMPOSE_PROJECT_NAME:-conse}" --filter "label=com.docker.compose.service=$1" |
        sort
}

wait_ready() { # CONTAINER
    for _ in $(seq "$ready_s"); do
        case $(docker inspect -f '{{.State.Status}} {{.State.Health.Status}}' "$1") in
        'running healthy') return ;;
        running*) sleep 1 ;;
        *) break ;;
        esac
    done
    echo "roll.sh: the new container does not get ready" >&2
    docker logs --tail 5 "$1" >&2
    docker rm -f "$1" >/dev/null
    exit 1
}

for service in "$@"; do
    old=$(containers "$service")
    count=$(echo "$old" | wc -l)
    for one in $old; do
        before=$(containers "$service")
        $compose up -d --no-deps --no-recreate --scale "$service=$((count + 1))" "$service" >/dev/null 2>&1
        new=$(containers "$service" | grep -vxF "$before") || { echo "roll.sh: no new container of $service" >&2; exit 1; }
        wait_ready "$new"
        sleep "$known_s"
        docker stop -t 45 "$one" >/dev/null
        docker rm "$one" >/dev/null
        echo "$service: $(docker inspect -f '{{.Name}} {{.Image}}' "$new")"
    done
done
