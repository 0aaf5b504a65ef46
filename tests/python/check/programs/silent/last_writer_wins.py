# expect: silent
"""Settings that anybody may set: the last store wins, and none depends on the old value."""

import threading


class Display:
    def __init__(self):
        self.brightness = 5
        self.texts = {}


display = Display()


def work(name):
    for value in range(20):
        display.brightness = value
        display.texts["title"] = name
        display.owner = name


threads = [threading.Thread(target=work, args=(name,)) for name in ("ann", "bob")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(display.brightness, sorted(display.texts))
