"""One module per rival, named like the package that it adapts; its rows are in `ROWS`."""
