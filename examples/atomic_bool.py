"""AtomicBool: let exactly one thread do something."""

import threading

from raddle import AtomicBool

started = AtomicBool()
starters: list[str] = []


def start_once() -> None:
    if not started.test_and_set():
        starters.append(threading.current_thread().name)


threads = [threading.Thread(target=start_once) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

assert len(starters) == 1
print("started by", starters[0])

# flip() inverts in one step and tells the new value.
assert started.flip() is False
