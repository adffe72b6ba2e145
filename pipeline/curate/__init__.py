"""Curation: measurements and text become decisions. Nothing here opens a file or a socket."""
