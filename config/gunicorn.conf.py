"""gunicorn for many users: several stateless web processes over one PostgreSQL database.

    gunicorn --config config/gunicorn.conf.py tracker.wsgi:application

With SQLite one process is enough, and `tracker serve` is simpler: it runs the jobs too. Here the jobs run
beside the web, as `python -m jobs`.
"""

import multiprocessing
import os

bind = os.environ.get("GUNICORN_BIND", "127.0.0.1:8000")
workers = int(os.environ.get("WEB_CONCURRENCY", str(2 * multiprocessing.cpu_count() + 1)))
worker_class = "sync"  # requests are short; a document is read in a process of its own
timeout = 60  # reading a document may take 30 s on a busy machine, and the upload comes before it
graceful_timeout = 30
max_requests = 5000  # a fresh process now and then
max_requests_jitter = 500
preload_app = False  # each worker opens its own connections to the database
accesslog = None  # the program logs each request itself, without addresses
errorlog = "-"
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108, PTH112 # nosec B108
