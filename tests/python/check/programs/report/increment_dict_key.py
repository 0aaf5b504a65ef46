# expect: RD101 votes
"""`+=` on one key of a dict."""

import threading
import time

votes = {"yes": 0, "no": 0}


def vote(answer, delay):
    time.sleep(delay)
    votes[answer] += 1


threads = [threading.Thread(target=vote, args=("yes", delay)) for delay in (0, 0.02)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(votes)
