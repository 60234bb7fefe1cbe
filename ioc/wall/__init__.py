"""The pages; `dist/` is built from `src/` by ./run and never committed."""
