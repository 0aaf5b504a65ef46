"""`python -m raddle`: the same as the console script `raddle`."""

from raddle.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
