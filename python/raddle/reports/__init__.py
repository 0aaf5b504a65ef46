"""Findings in, text and JSON out. Nothing here looks at the machine or uses the compiled module."""
