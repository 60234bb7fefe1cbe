#!/bin/sh
# Puts the secrets that this part was given into the addresses that it needs, then becomes the part.
set -eu

if [ -r /run/secrets/ioc_app ]; then
    export IOC_DATABASE_URL="postgresql://ioc_app:$(cat /run/secrets/ioc_app)@database/ioc"
fi
if [ -r /run/secrets/ioc_owner ]; then
    export IOC_DATABASE_OWNER_URL="postgresql://ioc_owner:$(cat /run/secrets/ioc_owner)@database/ioc"
fi
if [ -r /run/secrets/ioc_intake ]; then
    export IOC_MQTT_URL="mqtt://ioc-intake:$(cat /run/secrets/ioc_intake)@broker:1883"
fi
exec ioc "$@"
