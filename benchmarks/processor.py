"""What processes use: time of a core, memory."""

import os
from pathlib import Path


def family(pid: int) -> list[int]:
    """A process and everybody below it."""
    children = Path(f"/proc/{pid}/task").glob("*/children")
    return [pid, *(one for file in children for child in file.read_text().split() for one in family(int(child)))]


def processor_s(pid: int) -> float:
    """Processor seconds of a process and its children so far."""
    ticks = 0
    for one in family(pid):
        fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def memory_bytes(pid: int) -> int:
    """Resident memory of the largest of a process and its children."""
    pages = [int(Path(f"/proc/{one}/statm").read_text().split()[1]) for one in family(pid)]
    return max(pages) * os.sysconf("SC_PAGE_SIZE")
