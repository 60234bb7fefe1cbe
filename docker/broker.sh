#!/bin/sh
# The broker of compose.yml: it starts when its users and its certificate are there, and reads them anew, by SIGHUP, when
# the service "keys" or `ioc device ca` has changed them.
set -eu
users="${1:-/mosquitto/users}"
configuration="${2:-/mosquitto/config/mosquitto.conf}"

state() { cat "$users/passwords" "$users/access" "$users/revoked.pem" "$users/server.crt" 2>/dev/null | md5sum; }

until [ -s "$users/access" ] && [ -s "$users/server.key" ]; do sleep 1; done
seen="$(state)"
mosquitto -c "$configuration" &
broker=$!
trap 'kill -TERM "$broker"' TERM INT
while kill -0 "$broker" 2>/dev/null; do
    sleep 1 &
    wait $! || true
    now="$(state)"
    if [ "$now" != "$seen" ]; then
        seen="$now"
        kill -HUP "$broker" 2>/dev/null || true
    fi
done
wait "$broker"
