"""What this room does by the clock."""

from datetime import timedelta

from kit.worker import Job
from smart_me.connecting import renew_all

JOBS = (Job("smart_me.renew_tokens", timedelta(minutes=5), renew_all),)
