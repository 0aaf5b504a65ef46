"""RLock: methods that lock may call each other; the first one to come after a thread that died is told."""

from raddle import OwnerDiedError, RLock, Thread


class Journal:
    def __init__(self) -> None:
        self.lock = RLock("journal")
        self.lines: list[str] = []

    def write(self, line: str) -> None:
        with self.lock:
            self.lines.append(line)

    def write_twice(self, line: str) -> None:
        with self.lock:  # nobody else writes between the two
            self.write(line)
            self.write(line)


journal = Journal()
threads = [Thread(target=journal.write_twice, args=(name,)) for name in ("warp", "weft")]
threads.append(Thread(target=journal.lock.acquire))  # ends, and has not given it back
for thread in threads:
    thread.start()
    thread.join()

try:
    journal.write("heddle")
except OwnerDiedError:
    journal.lines = journal.lines[:4]  # repaired
    journal.write("heddle")
assert journal.lines == ["warp", "warp", "weft", "weft", "heddle"]
print(*journal.lines)
