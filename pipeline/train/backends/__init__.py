"""What trains: each file here is one backend of Keras, and holds what Keras does not do alike for all of them."""
