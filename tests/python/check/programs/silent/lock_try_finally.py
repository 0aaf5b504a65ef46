# expect: silent
"""acquire and release by hand."""

import threading

lock = threading.Lock()
total = 0


def add(numbers):
    global total
    for number in numbers:
        lock.acquire()
        try:
            total += number
        finally:
            lock.release()


threads = [threading.Thread(target=add, args=(range(50),)) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total)
