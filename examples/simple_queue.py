"""SimpleQueue: put() never waits, so it may be called anywhere, even while an object comes to its end."""

import threading
import weakref

from raddle import SimpleQueue

ended: SimpleQueue[str] = SimpleQueue()


class Session:
    def __init__(self, user: str) -> None:
        weakref.finalize(self, ended.put, user)


def visit(user: str) -> None:
    Session(user)


threads = [threading.Thread(target=visit, args=(user,)) for user in ("ada", "grace", "joan")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

users = [ended.get(timeout=60) for _ in threads]  # waits for those that have not ended yet
assert sorted(users) == ["ada", "grace", "joan"]
assert ended.empty()
print("ended:", *users)
