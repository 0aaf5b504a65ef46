# expect: silent
"""raddle's atomics: increments that nobody loses, a flag that is set after what it announces."""

import time

import raddle

counter, total = raddle.AtomicInt(0), raddle.ShardedCounter()
ready, latest = raddle.AtomicBool(False), raddle.AtomicRef(None)
state = {"value": 0}


def prepare():
    state["value"] += 1
    latest.set({"text": "ready", "reads": 0})
    ready.set(True)


def use():
    while not ready.get():
        time.sleep(0.001)
    state["value"] += 1
    latest.get()["reads"] += 1


def count():
    for _ in range(50):
        counter.increment()
        total.increment()


threads = [raddle.Thread(target=target) for target in (use, count, prepare, count)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(counter.get(), total.get(), state, latest.get())
