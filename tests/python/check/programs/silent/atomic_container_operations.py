# expect: silent
"""Single operations of built-in containers by all threads at once: each is atomic."""

import threading
from collections import deque

recent, names, ages, log = deque(maxlen=5), set(), {}, []


def work(name):
    for number in range(30):
        recent.append(number)
        names.add(number % 7)
        names.discard(number % 5)
        ages[number % 4] = number
        ages.update({name: number})
        log.append(name)
        log.extend([name, name])
        ages.get("nobody")
        len(log)


threads = [threading.Thread(target=work, args=(name,)) for name in ("ann", "bob", "eve")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(recent), len(log))
