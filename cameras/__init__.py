"""Listeners to RTSP cameras: frames in child processes become sightings on the ground."""
