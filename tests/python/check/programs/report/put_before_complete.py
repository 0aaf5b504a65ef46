# expect: RD105 Message.reply_to
"""The message is in the queue before its last field is there."""

import queue
import threading
import time


class Message:
    def __init__(self, text):
        self.text = text


messages = queue.SimpleQueue()


def receive():
    message = messages.get()
    time.sleep(0.03)
    print(message.text, message.reply_to)


receiver = threading.Thread(target=receive)
receiver.start()
message = Message("hello")
messages.put(message)
message.reply_to = "ann"
receiver.join()
