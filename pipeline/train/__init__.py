"""Training a GAN on shards. Nothing here knows of scraping or curation."""
