"""Payload codecs: bytes to readings or a reasoned refusal, one pure and bounded file a format."""
