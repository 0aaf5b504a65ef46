"""Puts one blocking call through one column of the matrix. Prints "done" and exits 0 if all is well.

argv: the column, the call, and how many seconds anything may take that should happen at once. What hangs for
three times as long ends the process with the stack of every thread.
"""

import faulthandler
import os
import sys
import traceback

from support.blocking import columns, table, waiters


def main(column_name: str, call_name: str, patience: float) -> None:
    waiters.patience = patience
    column, call = columns.find(column_name), table.find(call_name)
    faulthandler.dump_traceback_later(3 * patience, exit=True)
    try:
        column.run(call)
    except BaseException:
        # Threads that still wait must not keep the process.
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    print("done", flush=True)
    if column.ends_at_once:
        os._exit(0)


main(sys.argv[1], sys.argv[2], float(sys.argv[3]))
