# expect: silent
"""A child has what was there before the fork, and changes its own copy."""

import os
import sys
import threading


class State:
    def __init__(self):
        self.count = 0

    def add(self):
        self.count += 1


state = State()
thread = threading.Thread(target=state.add)
thread.start()
thread.join()
state.add()
sys.stdout.flush()
pid = os.fork()
if pid == 0:
    state.add()
    thread = threading.Thread(target=state.add)
    thread.start()
    thread.join()
    os._exit(state.count)
state.add()
_, status = os.waitpid(pid, 0)
print(state.count, os.waitstatus_to_exitcode(status))
