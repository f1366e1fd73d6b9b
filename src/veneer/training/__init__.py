"""Training: of the enhancement networks, and of the base layer's warm-start tables. The runtime imports none of it."""
