# expect: RD101 done
"""`join(timeout)` that ran out orders nothing: the thread still works."""

import threading
import time

done = 0


def work():
    global done
    time.sleep(0.06)
    done += 1


thread = threading.Thread(target=work)
thread.start()
thread.join(0.001)
done += 1
thread.join()
print(done)
