# expect: silent
"""raddle's ThreadLocal: each thread changes its own value; a fold after the join reads them all."""

import raddle


class Count:
    def __init__(self, value=0):
        self.value = value


counts = raddle.ThreadLocal(Count, combine=lambda one, other: Count(one.value + other.value))


def work():
    for _ in range(30):
        counts.get().value += 1


threads = [raddle.Thread(target=work) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(counts.fold(lambda one, other: Count(one.value + other.value), Count()).value)
