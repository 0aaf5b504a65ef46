# expect: RD102 sessions
"""`if k in d: del d[k]`, while another thread empties the dict."""

import threading
import time

sessions = {"ann": 1, "bob": 2}


def log_out(name):
    if name in sessions:
        del sessions[name]
        return f"{name} is out"
    return ""


def close_all():
    time.sleep(0.05)
    sessions.clear()


threads = [threading.Thread(target=log_out, args=("ann",)), threading.Thread(target=close_all)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sessions)
