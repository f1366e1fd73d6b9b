"""The integer inference engine: networks whose every operation is exact, so that every machine gives the same bits."""
