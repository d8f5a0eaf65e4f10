"""One file per resource of the API; each lists its operations in OPERATIONS."""
