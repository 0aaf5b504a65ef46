"""Thread, Timer, local: as in `threading`; a join that would never end raises instead."""

from raddle import DeadlockError, RLock, Thread, Timer, local

lock = RLock("shared")
mine = local()


def work(number: int) -> None:
    mine.number = number
    try:
        with lock:
            pass
    except DeadlockError:
        print(f"thread {mine.number}: who has the lock waits for me")


thread = Thread(target=work, args=(1,))
try:
    with lock:
        thread.start()
        thread.join()  # the thread needs the lock before it can end
except DeadlockError:
    print("the thread that I wait for waits for me")
thread.join()

timer = Timer(0.01, print, ["ten milliseconds later"])
timer.start()
timer.join()
