"""The sliders page: a generator's pictures, moved along its directions by hand, served to this machine's browser alone."""
