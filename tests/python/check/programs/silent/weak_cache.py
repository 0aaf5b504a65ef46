# expect: silent
"""A WeakValueDictionary that is filled and emptied under a lock, and callbacks of weak references."""

import gc
import threading
import weakref


class Image:
    def __init__(self, name):
        self.name = name
        self.uses = 0


lock = threading.Lock()
images = weakref.WeakValueDictionary()
gone = []


def image(name):
    with lock:
        found = images.get(name)
        if found is None:
            found = images[name] = Image(name)
            weakref.finalize(found, gone.append, name)
        found.uses += 1
        return found


def work(names):
    for name in names:
        mine = image(name)
        assert mine.name == name
        del mine


threads = [threading.Thread(target=work, args=(names,)) for names in ("abab", "cdcd", "abcd")]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
gc.collect()
print(len(images), sorted(set(gone)))
