"""AtomicRef: replace a configuration while others read it."""

import threading
from dataclasses import dataclass, replace

from raddle import AtomicRef


@dataclass(frozen=True)
class Config:
    version: int
    hosts: tuple[str, ...]


config: AtomicRef[Config] = AtomicRef(Config(version=0, hosts=("a",)))


def reload() -> None:
    for _ in range(100):
        # The function makes a new object from the one it gets; a lost race makes it run again.
        config.update(lambda old: replace(old, version=old.version + 1))


def serve() -> None:
    last = 0
    for _ in range(1_000):
        seen = config.get()  # one consistent object, whatever the others do
        assert seen.version >= last
        last = seen.version


threads = [threading.Thread(target=target) for target in (reload, reload, serve, serve)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()

assert config.get().version == 200

# Identity, not equality: compare with an object that get() returned.
current = config.get()
assert not config.compare_and_set(replace(current), current), "an equal object is another object"
assert config.compare_and_set(current, replace(current, hosts=("a", "b")))
print(config.get())
