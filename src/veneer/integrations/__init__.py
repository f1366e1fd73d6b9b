"""Veneer in other libraries, each in a module that needs the library and nothing else does."""
