"""Listeners to MQTT devices: topics, codecs, the broker made awaitable, and the intake loop."""
