"""What a command raises when it cannot do what was asked, and the exit codes of all commands."""

from typing import Final

OK: Final = 0
WRONG: Final = 1  # the command ran and what it checked is not in order
USAGE: Final = 2  # the command could not start or finish; argparse uses the same code
INTERRUPTED: Final = 130  # 128 + SIGINT, as shells report it
READER_GONE: Final = 141  # 128 + SIGPIPE: standard output was closed by its reader


class CommandError(Exception):
    """The text is shown to the user as it is: it says what is missing and what to type."""
