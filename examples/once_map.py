"""OnceMap: a cache that asks once per key, however many threads want it at the same time."""

import threading
import time
from collections import Counter

from raddle import OnceMap

asked: Counter[int] = Counter()


def load_user(number: int) -> str:
    asked[number] += 1
    time.sleep(0.01)  # a slow database
    return f"user {number}"


users: OnceMap[int, str] = OnceMap(load_user, name="users")


def serve() -> None:
    for number in (1, 2, 3):
        assert users.get(number) == f"user {number}"


threads = [threading.Thread(target=serve) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert asked == {1: 1, 2: 1, 3: 1}, asked

# Forget one: it is loaded anew when it is next wanted.
assert users.pop(2) == "user 2"
assert 2 not in users
assert users[2] == "user 2"
assert asked[2] == 2
print(len(users), "users,", asked.total(), "queries")
