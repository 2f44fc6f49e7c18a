#!/bin/sh
# setup.sh containers|units|front NAME: prepares a Debian 12 or 13, from a checkout, for the installation that people reach as https://NAME. May
# be run again: what is there already stays.
#   containers  Docker with docker-compose.yml: HAProxy, two gateways, the services, MongoDB, Redis
#   units       the services as units of systemd on embedded stores, at 127.0.0.1:7438, behind a proxy of your own
#   front       or, for units, behind HAProxy, which it sets up for ports 80 and 443
set -eu
[ $# -eq 2 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2; }
way=$1 name=$2
etc=${CONSE_ETC:-/etc/conse}
group=65532 # of the programs in the images
cd "$(dirname "$0")/.."
[ "$(id -u)" -eq 0 ] || { echo "setup.sh: needs root" >&2; exit 1; }
install -d -m 0755 "$etc"

secret() { # FILE VALUE: for root and the programs
    [ -e "$1" ] && return
    (umask 077 && printf '%s\n' "$2" >"$1.new")
    chown "root:$group" "$1.new"
    chmod 0440 "$1.new"
    mv "$1.new" "$1"
}

make_secrets() {
    install -d -m 0750 -o root -g $group "$etc/secrets"
    secret "$etc/secrets/bus" "$(openssl rand -hex 32)"
    secret "$etc/secrets/master" "$(openssl rand -hex 32)"
    for service in auth events chain ai; do secret "$etc/secrets/$service-store" "mongodb://mongodb:7441/conse_$service"; done
    secret "$etc/secrets/cache" redis://redis:6379/0
    secret "$etc/secrets/channels" redis://redis:6379/0
}

# Of our own making, until one that others trust is put in its place.
make_certificate() {
    install -d -m 0750 -o root -g $group "$etc/secrets"
    [ -e "$etc/secrets/front.pem" ] && return
    folder=$(mktemp -d)
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 -subj "/CN=$name" -addext "subjectAltName=DNS:$name,DNS:localhost" \
        -keyout "$folder/key" -out "$folder/certificate" 2>/dev/null
    secret "$etc/secrets/front.pem" "$(cat "$folder/certificate" "$folder/key")"
    rm -r "$folder"
}

make_settings() {
    [ -e "$etc/settings.env" ] || printf 'CONSE_PUBLIC_URL=https://%s\nCONSE_DOMAIN=%s\n' "$name" "$name" >"$etc/settings.env"
}

set_up_containers() {
    tools/install.sh containers
    make_secrets
    make_certificate
    make_settings
    [ -e "$etc/compose.env" ] || printf 'COMPOSE_PROJECT_NAME=conse\nCONSE_SECRETS=%s\nCONSE_SETTINGS=%s\nCONSE_TAG=%s\n' \
        "$etc/secrets" "$etc/settings.env" "$(git rev-parse --short HEAD)" >"$etc/compose.env"
    set -a
    # shellcheck disable=SC1091 # made above
    . "$etc/compose.env"
    set +a
    docker-compose build --build-arg COMMIT="$(git rev-parse HEAD)" gateway auth events chain ai consectl
    docker-compose up -d haproxy gateway auth events chain ai
}

set_up_units() {
    tools/install.sh build units
    make run-build web
    deploy/systemd/install.sh build ''
    [ -e "$etc/bus" ] || (umask 077 && openssl rand -hex 32 >"$etc/bus")
    if [ ! -e "$etc/settings.env" ]; then
        install -m 0644 deploy/systemd/settings.env "$etc/settings.env"
        printf 'CONSE_PUBLIC_URL=https://%s\nCONSE_DOMAIN=%s\n' "$name" "$name" >>"$etc/settings.env"
    fi
    systemctl daemon-reload
    systemctl enable --now conse.target
    for service in auth events chain ai; do systemctl enable --now "conse-backup@$service.timer"; done
    systemctl enable --now conse-drill.timer conse-audit.timer
}

# The package's own configuration serves nobody; another one is somebody's.
set_up_front() {
    made=deploy/systemd/haproxy.cfg there=/etc/haproxy/haproxy.cfg
    if [ -e $there ] && ! cmp -s $made $there; then
        echo "setup.sh: $there is there already: put what $made has into it" >&2
        exit 1
    fi
    tools/install.sh front
    make_certificate
    install -m 0644 $made $there
    systemctl enable --now haproxy
    systemctl restart haproxy
}

case $way in
containers) set_up_containers ;;
units) set_up_units ;;
front) set_up_front ;;
*) echo "setup.sh: containers, units or front, not $way" >&2; exit 2 ;;
esac
