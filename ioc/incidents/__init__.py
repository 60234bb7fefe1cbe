"""Alarms and incidents: pure decisions, no clock, no SQL, no sockets."""
