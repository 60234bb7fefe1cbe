"""The audit trail without I/O: how rows are chained and verified, and how the security centre reads them."""
