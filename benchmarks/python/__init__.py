"""raddle's benchmarks at Python level: one module per question group, one adapter per rival."""
