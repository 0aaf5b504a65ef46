"""The project's command, `./dev`: set up, build, test, check. Standard library only, Python 3.11 or later."""
