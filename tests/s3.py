"""A server that speaks S3, in a process of its own: moto's."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3

from tests.databases import free_port
from tests.serving import wait_for

BUCKET = "charging"


@contextmanager
def s3_server() -> Iterator[dict[str, str]]:
    """The settings that lead to an empty bucket; gone at the end of the block."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    environ = {
        "FILES_URL": f"s3://{BUCKET}/kept",
        "S3_ENDPOINT": f"http://127.0.0.1:{port}",
        "S3_ACCESS_KEY": "key",
        "S3_SECRET_KEY": "secret",
    }
    try:
        wait_for(port, process)
        bucket(environ).create_bucket(Bucket=BUCKET)
        yield environ
    finally:
        process.terminate()
        process.wait(timeout=15)


def bucket(environ: dict[str, str]) -> Any:
    """A client for looking into the bucket past the program."""
    return boto3.client(
        "s3",
        endpoint_url=environ["S3_ENDPOINT"],
        region_name="us-east-1",
        aws_access_key_id=environ["S3_ACCESS_KEY"],
        aws_secret_access_key=environ["S3_SECRET_KEY"],
    )
