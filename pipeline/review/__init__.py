"""Views for people: CSV reports and a gallery. Never the truth; the catalog is."""
