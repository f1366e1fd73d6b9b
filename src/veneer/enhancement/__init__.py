"""Enhancement: networks that make a better picture of the decoded base, and the latents that help them."""
