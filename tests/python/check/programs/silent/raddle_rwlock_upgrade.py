# expect: silent
"""raddle's RWLock: an upgradable reader that checks first, and a writer that reads on after a downgrade."""

import raddle

lock = raddle.RWLock()
made = {}
count = 0


def make(key):
    with lock.upgradable_lock() as upgradable:
        if key not in made:
            upgradable.upgrade()
            made[key] = [key]


def bump():
    global count
    lock.write.acquire()
    count += 1
    lock.downgrade()
    len(made)
    lock.read.release()


def work():
    for key in range(10):
        make(key)
        bump()


threads = [raddle.Thread(target=work) for _ in range(2)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(count, len(made))
