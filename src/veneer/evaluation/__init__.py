"""Measuring Veneer beside other codecs: metrics, the codecs, BD-rates, the report. Most of it needs extra `eval`."""
