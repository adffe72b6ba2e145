"""A dataset for others without its pictures: written (`publish`), read back and made again from the sites (`rebuild`)."""
