# expect: silent
"""lru_cache on a function for all threads; cached_property on objects of one thread each."""

import functools
import threading


@functools.lru_cache(maxsize=100)
def fibonacci(number):
    return number if number < 2 else fibonacci(number - 1) + fibonacci(number - 2)


class Text:
    def __init__(self, text):
        self.text = text

    @functools.cached_property
    def words(self):
        return self.text.split()


def work(results):
    text = Text("to be or not to be")
    results.append((fibonacci(30), len(text.words), text.words[0]))


results = []
threads = [threading.Thread(target=work, args=(results,)) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(results)
