# expect: silent
"""Objects with a lock each, used by many short threads."""

import threading


class Cell:
    def __init__(self):
        self.lock = threading.Lock()
        self.value = 0


cells = [Cell() for _ in range(5)]


def work(number):
    for offset in range(5):
        cell = cells[(number + offset) % 5]
        with cell.lock:
            cell.value += 1


for _ in range(4):
    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
print([cell.value for cell in cells])
