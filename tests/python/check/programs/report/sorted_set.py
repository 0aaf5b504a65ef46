# expect: RD104 words
"""`sorted` of a set."""

import threading
import time

words = {"be", "or", "not"}


def show():
    return sorted(words)


def add():
    time.sleep(0.05)
    words.add("to")


threads = [threading.Thread(target=show), threading.Thread(target=add)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(words))
