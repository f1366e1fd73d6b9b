"""Pictures without the artefacts of JPEG: what a file says of its own losses, and the network that mends them."""
