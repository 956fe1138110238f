"""`python -m harness`: the same commands as `wsgi.py harness`, on any machine and without the program's settings."""

from harness.command_line import harness

harness(prog_name="harness")
