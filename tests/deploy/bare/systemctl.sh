#!/bin/sh
# systemctl where no systemd runs: starts the programs as their units say, each as a user of its own, without capabilities; what else a unit
# takes away is not tried here (make test-manifests). Timers are only told.
set -eu
units=/etc/systemd/system
say() { echo "systemctl: $*" >>/var/log/systemctl.log; }
of() { sed -n "s/^$2=//p" "$units/$1"; } # UNIT KEY

running() { # NAME
    [ -s "/run/$1.pid" ] && kill -0 "$(cat "/run/$1.pid")" 2>/dev/null
}

start_in_back() { # NAME COMMAND...
    name=$1
    shift
    setsid "$@" >>"/var/log/$name.log" 2>&1 &
    echo $! >"/run/$name.pid"
    say "started $name: $*"
}

start_service() { # INSTANCE
    running "conse-$1" && return
    filled() { of conse@.service "$2" | sed "s|%i|$1|g; s|%S|/var/lib|g; s|%d|/run/credentials/$1|g"; }
    user=$(filled "$1" User)
    id "$user" >/dev/null 2>&1 || useradd --system --no-create-home --shell /usr/sbin/nologin "$user"
    install -d -m 0755 /var/lib/conse
    install -d -m "$(filled "$1" StateDirectoryMode)" -o "$user" -g "$user" "/var/lib/$(filled "$1" StateDirectory)"
    for credential in $(filled "$1" LoadCredential); do
        install -D -m 0400 -o "$user" "${credential#*:}" "/run/credentials/$1/${credential%%:*}"
    done
    environment=$(filled "$1" Environment)
    for file in $(filled "$1" EnvironmentFile); do
        [ -e "${file#-}" ] || case $file in -*) continue ;; *) echo "systemctl: no $file" >&2 && exit 1 ;; esac
        environment="$environment $(grep -v '^#' "${file#-}" | tr '\n' ' ')"
    done
    # shellcheck disable=SC2046,SC2086 # words, as systemd takes them
    start_in_back "conse-$1" setpriv --reuid "$user" --regid "$user" --clear-groups --no-new-privs --bounding-set=-all \
        env -i PATH=/usr/bin:/bin $environment $(filled "$1" ExecStart)
}

start_unit() { # UNIT
    case $1 in
    *.target) for wanted in $(of "$1" Wants); do start_unit "$wanted"; done ;;
    *.timer) [ -e "$units/${1%%@*}@.timer" ] || [ -e "$units/$1" ] ;;
    conse@*.service)
        instance=${1#conse@}
        start_service "${instance%.service}"
        ;;
    haproxy | haproxy.service) running haproxy || start_in_back haproxy haproxy -db -f /etc/haproxy/haproxy.cfg ;;
    *) echo "systemctl: no unit $1" >&2 && exit 1 ;;
    esac
}

verb=$1
shift
say "$verb $*"
case $verb in
daemon-reload) ;;
enable)
    [ "$1" = --now ] && shift
    for unit; do start_unit "$unit"; done
    ;;
restart)
    for unit; do
        if running "$unit"; then kill "$(cat "/run/$unit.pid")"; fi
        rm -f "/run/$unit.pid"
        start_unit "$unit"
    done
    ;;
*) echo "systemctl: $verb is not there" >&2 && exit 1 ;;
esac
