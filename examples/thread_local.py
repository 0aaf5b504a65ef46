"""ThreadLocal: every thread counts for itself, and the sum has all of it, also of threads that have ended."""

import operator
import threading

from raddle import ThreadLocal

requests: ThreadLocal[int] = ThreadLocal(int, combine=operator.add)


def serve(number: int) -> None:
    for _ in range(number):
        requests.set(requests.get() + 1)  # no lock: the value is this thread's own


threads = [threading.Thread(target=serve, args=(number,)) for number in range(100)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

serve(50)  # here as well
assert requests.fold(operator.add, 0) == sum(range(100)) + 50
for thread, count in requests.items():
    print(thread.name, "has counted", count)
print("all together:", requests.fold(operator.add, 0))
