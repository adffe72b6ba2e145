"""Shards: the curated pictures as files of encoded examples that trainers read, with everything needed to audit them."""
