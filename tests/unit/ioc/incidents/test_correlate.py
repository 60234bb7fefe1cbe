"""Which alarms are one incident."""
