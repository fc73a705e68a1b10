"""Gunicorn's settings: ends with the process that started it, whose end of a pipe then closes."""

import os
import signal
import threading

graceful_timeout = 2
keepalive = 75
accesslog = None
loglevel = "warning"
worker_class = "gthread"
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None
preload_app = True


def when_ready(server):
    lifeline = os.environ.get("AUTHSPEC_LIFELINE")
    if lifeline is None:
        return

    def watch():
        os.read(int(lifeline), 1)
        os.kill(os.getpid(), signal.SIGQUIT)

    threading.Thread(target=watch, daemon=True).start()
