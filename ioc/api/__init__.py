"""The HTTP surface: OGC API, live stream, sign-in and the wall."""
