# expect: silent
"""raddle's RWLock: readers read, writers write."""

import raddle

lock = raddle.RWLock()
table = {"a": 1}
version = 0


def read():
    for _ in range(20):
        with lock.read_lock():
            sum(table.values())


def write(base):
    global version
    for number in range(20):
        with lock.write_lock():
            table[base + number] = number
            version += 1


threads = [
    raddle.Thread(target=read),
    raddle.Thread(target=write, args=(0,)),
    raddle.Thread(target=write, args=(100,)),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(version, len(table))
