# expect: silent
"""What is built before a critical section belongs to the one who finds it there in a later one."""

import threading
import time

lock = threading.Lock()
mailbox = {"letter": None}


def write():
    letter = {"lines": 0}
    letter["lines"] += 1
    with lock:
        mailbox["letter"] = letter


def read():
    while True:
        with lock:
            letter, mailbox["letter"] = mailbox["letter"], None
        if letter is not None:
            break
        time.sleep(0.001)
    letter["lines"] += 1
    print(letter)


threads = [threading.Thread(target=read), threading.Thread(target=write)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
