# expect: RD102 settings
"""A reload clears the table that requests look into."""

import threading
import time

settings = {"host": "a", "port": 1}


def reload():
    time.sleep(0.02)
    settings.clear()
    settings.update(host="b", port=2)


def request():
    if "host" in settings:
        return settings["host"], settings.get("port")
    return None


threads = [threading.Thread(target=reload), threading.Thread(target=request)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(settings)
