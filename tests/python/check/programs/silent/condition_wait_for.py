# expect: silent
"""What is done before the notification is done for the one who has waited, outside the lock too."""

import threading


class Plan:
    def __init__(self):
        self.steps = 0
        self.ready = False


plan = Plan()
condition = threading.Condition()


def prepare():
    plan.steps += 3
    with condition:
        plan.ready = True
        condition.notify_all()


def carry_out():
    with condition:
        condition.wait_for(lambda: plan.ready)
    plan.steps += 1


threads = [threading.Thread(target=carry_out), threading.Thread(target=prepare)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(plan.steps)
