# expect: silent
"""A context manager by contextlib that takes the lock; another one by ExitStack."""

import contextlib
import threading

lock = threading.Lock()
state = {"writes": 0}


@contextlib.contextmanager
def writing():
    lock.acquire()
    try:
        yield state
    finally:
        lock.release()


def by_generator():
    for _ in range(30):
        with writing() as data:
            data["writes"] += 1


def by_stack():
    for _ in range(30):
        with contextlib.ExitStack() as stack:
            stack.enter_context(lock)
            state["writes"] += 1


threads = [threading.Thread(target=by_generator), threading.Thread(target=by_stack)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(state)
