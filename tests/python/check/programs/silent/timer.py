# expect: silent
"""What is before a Timer's start is before its function; its function is before what comes after join."""

import threading


class Alarm:
    def __init__(self):
        self.rung = 0

    def ring(self):
        self.rung += 1


alarm = Alarm()
alarm.rung += 1
timer = threading.Timer(0.005, alarm.ring)
timer.start()
timer.join()
alarm.rung += 1
print(alarm.rung)
