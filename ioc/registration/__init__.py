"""The register as people keep it: records, life cycle, what the law asks, spreadsheets, labels. Pure."""
