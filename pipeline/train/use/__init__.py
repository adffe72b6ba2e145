"""What a trained generator is for: pictures, walks, directions, and exports for other programs."""
