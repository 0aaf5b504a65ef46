"""The tour: the same counting done by several variants, timed and compared with one thread."""
