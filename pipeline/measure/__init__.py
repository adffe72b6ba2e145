"""Measurements: numbers computed once from an item's pixels, kept under content hash and version."""
