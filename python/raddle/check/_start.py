"""How the checked program's process is started: `[sys.executable, *START, ...]`; the rest is for `_run`.

Not by -m: then the folder that the user is in would be first on sys.path, and a `queue.py` there would be
taken for the standard library's.
"""

START = (
    "-c",
    "import sys\nif sys.path[:1] == ['']: del sys.path[0]\n"
    "from raddle.check._run import main\nmain(sys.argv[1:])",
)
