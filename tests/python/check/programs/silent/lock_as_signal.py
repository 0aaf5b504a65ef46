# expect: silent
"""A lock that one thread takes and another one releases tells that something is ready."""

import threading


class Box:
    def __init__(self):
        self.content = 0


box = Box()
ready = threading.Lock()
ready.acquire()


def fill():
    box.content += 40
    ready.release()


def use():
    ready.acquire()
    box.content += 2


threads = [threading.Thread(target=use), threading.Thread(target=fill)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(box.content)
