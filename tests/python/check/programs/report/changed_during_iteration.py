# expect: RD104 happened visits
"""Events force it: the dict grows in the middle of the loop."""

import threading

visits = {"a": 1, "b": 2}
in_loop, has_added = threading.Event(), threading.Event()


def show():
    try:
        for _ in visits:
            in_loop.set()
            has_added.wait()
    except RuntimeError as error:
        print(error)


def add():
    in_loop.wait()
    visits["c"] = 3
    has_added.set()


threads = [threading.Thread(target=show), threading.Thread(target=add)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
