"""Picture files with more than 8 bits a sample, which Pillow has no modes for: read and written by other libraries."""
