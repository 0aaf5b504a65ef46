# expect: RD102 happened rooms
"""Events force the worst order: the key goes between the check and the use, which fails."""

import threading

rooms = {"blue": 4}
has_checked, has_removed = threading.Event(), threading.Event()


def enter(name):
    if name in rooms:
        has_checked.set()
        has_removed.wait()
        try:
            print(rooms[name])
        except KeyError:
            print("gone")


def close(name):
    has_checked.wait()
    rooms.pop(name)
    has_removed.set()


threads = [
    threading.Thread(target=enter, args=("blue",)),
    threading.Thread(target=close, args=("blue",)),
]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
