# expect: RD103 note Text._words
"""A lazily computed number in an attribute."""

import threading
import time


class Text:
    def __init__(self, text):
        self.text = text
        self._words = None

    def words(self, delay):
        time.sleep(delay)
        if self._words is None:
            self._words = len(self.text.split())
        return self._words


text = Text("to be or not to be")
threads = [threading.Thread(target=text.words, args=(delay,)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(text.words(0))
