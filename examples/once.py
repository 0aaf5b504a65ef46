"""once and Lazy: connect when it is first needed, a single time, whichever thread comes first."""

import threading
import time
from collections.abc import Iterator

from raddle import Lazy, once

calls: list[str] = []


@once
def connection() -> dict[str, str]:
    """The one connection of the program."""
    calls.append(threading.current_thread().name)
    time.sleep(0.01)  # connecting takes a while; the others wait for it
    return {"peer": "example.org"}


seen: list[object] = []
threads = [threading.Thread(target=lambda: seen.append(connection())) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(calls) == 1
assert all(each is connection() for each in seen)
assert connection.__doc__ == "The one connection of the program."

# Lazy is the same for a value instead of a function. What the factory raises is not kept: the next call tries
# again.
attempts: Iterator[OSError | int] = iter([OSError("not yet"), 42])


def load() -> int:
    result = next(attempts)
    if isinstance(result, Exception):
        raise result
    return result


setting = Lazy(load)
try:
    setting.get()
except OSError as error:
    print("first:", error)
print("second:", setting.get())
