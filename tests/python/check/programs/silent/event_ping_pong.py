# expect: silent
"""Two threads take turns by two events."""

import threading

ping, pong = threading.Event(), threading.Event()
score = 0


def first():
    global score
    for _ in range(30):
        score += 1
        ping.set()
        pong.wait()
        pong.clear()


def second():
    global score
    for _ in range(30):
        ping.wait()
        ping.clear()
        score += 1
        pong.set()


threads = [threading.Thread(target=first), threading.Thread(target=second)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(score)
