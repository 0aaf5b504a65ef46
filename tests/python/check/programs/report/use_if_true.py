# expect: RD102 Player.track
"""The truth of an attribute, then its use; another thread sets it to None."""

import threading
import time


class Track:
    def __init__(self, title):
        self.title = title


class Player:
    def __init__(self):
        self.track = Track("one")

    def title(self):
        return self.track.title if self.track else ""

    def stop(self):
        time.sleep(0.05)
        self.track = None


player = Player()
threads = [threading.Thread(target=player.title), threading.Thread(target=player.stop)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(player.title() == "")
