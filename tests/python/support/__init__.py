"""What the tests share: knobs, threads, subprocesses, histories, and the table of public methods."""
