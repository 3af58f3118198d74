"""The register of unmet needs."""
