"""Plugins for other libraries. Each is a module of its own, the only one that needs the library."""
