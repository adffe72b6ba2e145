"""Scrape art, curate it into a clean dataset, train a GAN on it."""

__version__ = "0.1.0"
