"""How Schemathesis sends a piece of an upload: as the bytes that they are (tus 1.0.0, PATCH)."""

import schemathesis

schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")
