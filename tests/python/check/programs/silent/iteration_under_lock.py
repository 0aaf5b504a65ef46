# expect: silent
"""Who iterates and who changes hold the same lock."""

import threading

lock = threading.Lock()
scores = {"ann": 1}


def change(name):
    for number in range(20):
        with lock:
            scores[name + str(number)] = number


def look():
    for _ in range(20):
        with lock:
            sum(scores.values())
            for name in scores:
                len(name)
            max(scores, key=lambda name: scores[name])


threads = [threading.Thread(target=look)]
threads += [threading.Thread(target=change, args=(name,)) for name in ("bob", "eve")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(scores))
