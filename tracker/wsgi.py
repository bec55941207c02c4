"""What a WSGI server serves: `gunicorn --config config/gunicorn.conf.py tracker.wsgi:application`."""

from tracker import logs, settings
from tracker.app import serving
from tracker.program import open_program

_settings = settings.load()
logs.set_up(_settings.log_level)
application = serving(open_program(_settings))
