"""Makes a stack of the CloudFormation template in a moto server on this machine; iam/check/stack tells how to use it."""

import argparse
import json
import logging
import os
import signal
import sys
import threading
import time
import warnings
from contextlib import contextmanager

REGION = "eu-west-1"
WITHIN = 120  # seconds, until the stack is made

# moto looks these up when it is loaded. Nobody is asked for credentials or for anything else.
os.environ.update(
    AWS_ACCESS_KEY_ID="none",
    AWS_SECRET_ACCESS_KEY="none",
    AWS_DEFAULT_REGION=REGION,
    AWS_EC2_METADATA_DISABLED="true",
    AWS_CONFIG_FILE=os.devnull,
    AWS_SHARED_CREDENTIALS_FILE=os.devnull,
)
for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SQS"):
    os.environ.pop(name, None)

# The rest comes after that.
import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from cloudformation import TEMPLATE, Template
from moto.server import ThreadedMotoServer


class Running:
    """A stack, and the server it is in."""

    def __init__(self, endpoint, region):
        self.endpoint = endpoint
        self.region = region
        self.outputs = {}
        self.resources = {}

    def client(self, service):
        return boto3.client(
            service,
            region_name=self.region,
            endpoint_url=self.endpoint,
            config=Config(connect_timeout=5, read_timeout=180, retries={"total_max_attempts": 1}, proxies={}),
        )

    def create(self, parameters, name="glidepath"):
        cloudformation = self.client("cloudformation")
        cloudformation.create_stack(
            StackName=name,
            TemplateBody=TEMPLATE.read_text(),
            Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            Capabilities=["CAPABILITY_IAM"],
        )
        until = time.monotonic() + WITHIN
        while True:
            (stack,) = cloudformation.describe_stacks(StackName=name)["Stacks"]
            if stack["StackStatus"] == "CREATE_COMPLETE":
                break
            if not stack["StackStatus"].endswith("_IN_PROGRESS") or time.monotonic() > until:
                raise RuntimeError(f"the stack is {stack['StackStatus']}: {stack.get('StackStatusReason', 'no reason')}")
            time.sleep(0.1)
        self.outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
        self.resources = {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"]
            for resource in cloudformation.describe_stack_resources(StackName=name)["StackResources"]
            if "PhysicalResourceId" in resource
        }

    def queue_url(self, output="QueueUrl"):
        """The queue's URL at this server; the output has that of AWS."""
        return self.client("sqs").get_queue_url(QueueName=self.outputs[output].rsplit("/", 1)[-1])["QueueUrl"]


@contextmanager
def running(parameters, port=0, region=REGION):
    """A stack made with these parameters, in a server that ends with the block. Port 0 is one that is free."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    # What moto cannot make it leaves out with a warning; no test of ours needs it there.
    logging.getLogger("moto").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", message="Tried to parse .* not supported by moto")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=port, verbose=False)
    server.start()
    try:
        _, chosen = server.get_host_and_port()
        stack = Running(f"http://127.0.0.1:{chosen}", region)
        stack.create(parameters)
        yield stack
    finally:
        server.stop()


def main():
    arguments = argparse.ArgumentParser(prog="iam/check/stack", allow_abbrev=False)
    arguments.add_argument("--port", type=int, default=0)
    arguments.add_argument("--region", default=REGION)
    arguments.add_argument("--seconds", type=float, default=3600)
    arguments.add_argument("parameters", nargs="*", metavar="PARAMETER=VALUE")
    given = arguments.parse_args()
    for each in given.parameters:
        if "=" not in each:
            arguments.error(f"{each} is no PARAMETER=VALUE")
    parameters = {"ClusterName": "demo", "AutoScalingGroups": "demo-*"}
    parameters |= dict(each.split("=", 1) for each in given.parameters)
    refused = Template().refusals(parameters)  # moto would take them
    if refused:
        arguments.error("; ".join(refused))

    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    threading.Thread(target=_await_end_of_input, args=[over], daemon=True).start()
    try:
        _serve(parameters, given, over)
    except (ClientError, OSError, RuntimeError) as failure:
        sys.exit(f"iam: no stack: {failure}")


def _await_end_of_input(over):
    # Not by sys.stdin, which a thread that ends with the process must not hold.
    while os.read(0, 4096):
        pass
    over.set()


def _serve(parameters, given, over):
    with running(parameters, given.port, given.region) as stack:
        told = {
            "endpoint": stack.endpoint,
            "region": stack.region,
            "queueUrl": stack.queue_url(),
            "deadLetterQueueUrl": stack.queue_url("DeadLetterQueueUrl"),
            "outputs": stack.outputs,
        }
        print(json.dumps(told), flush=True)
        over.wait(given.seconds)


if __name__ == "__main__":
    main()
