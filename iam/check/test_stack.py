"""The stack, made from the template by a server that carries it out: what is announced comes to the queue, and nothing else."""

import json
import os
import signal
import subprocess
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector

import cases
import events
import model
import pytest
import stack
from test_equal import TEMPLATE
from test_patterns import GROUPS

ACCOUNT = "123456789012"
HERE = Path(__file__).parent

PARAMETERS = {
    name: value.replace("aws-cn", "aws").replace("cn-north-1", stack.REGION)
    for name, value in (cases.FULL | GROUPS | {"OidcProviderArn": cases.OIDC_PROVIDER}).items()
}
PARAMETERS["KmsKeyArn"] = ""  # the server would need the key


@pytest.fixture(scope="module")
def made():
    with stack.running(PARAMETERS) as running:
        yield running


@pytest.fixture(scope="module")
def expected(made):
    """The same stack as we work it out, with the real ids for what is known only then."""
    pseudo = {
        "AWS::Partition": "aws",
        "AWS::Region": stack.REGION,
        "AWS::AccountId": ACCOUNT,
        "AWS::URLSuffix": "amazonaws.com",
    }
    resources = TEMPLATE.render(PARAMETERS, pseudo).resources
    text = json.dumps(resources)
    for name, (kind, properties) in resources.items():
        if kind == "AWS::SQS::Queue":
            text = text.replace(f"<{name}.Arn>", f"arn:aws:sqs:{stack.REGION}:{ACCOUNT}:{properties['QueueName']}")
        if kind == "AWS::Events::Rule":
            text = text.replace(f"<{name}.Arn>", f"arn:aws:events:{stack.REGION}:{ACCOUNT}:rule/{made.resources[name]}")
    return {name: model.of_cloudformation(kind, properties) for name, (kind, properties) in json.loads(text).items()}


def test_queues_are_made_as_meant(made, expected):
    sqs = made.client("sqs")
    for output, name in (("QueueUrl", "Queue"), ("DeadLetterQueueUrl", "DeadLetterQueue")):
        has = sqs.get_queue_attributes(QueueUrl=made.queue_url(output), AttributeNames=["All"])["Attributes"]
        assert has["MessageRetentionPeriod"] == str(expected[name]["MessageRetentionPeriod"])
        assert has["VisibilityTimeout"] == str(expected[name]["VisibilityTimeout"])
        assert has["ReceiveMessageWaitTimeSeconds"] == str(expected[name]["ReceiveMessageWaitTimeSeconds"])
        if name == "Queue":
            assert json.loads(has["RedrivePolicy"]) == expected[name]["RedrivePolicy"]


def test_rules_are_made_as_meant(made, expected):
    bus = made.client("events")
    rules = {rule["Arn"]: model.pattern(rule["EventPattern"]) for rule in bus.list_rules()["Rules"]}
    meant = {
        f"arn:aws:events:{stack.REGION}:{ACCOUNT}:rule/{made.resources[name]}": resource["EventPattern"]
        for name, resource in expected.items()
        if resource["Type"] == "AWS::Events::Rule"
    }
    assert rules == meant
    for name, resource in expected.items():
        if resource["Type"] == "AWS::Events::Rule":
            targets = bus.list_targets_by_rule(Rule=made.resources[name])["Targets"]
            assert {target["Id"]: target for target in targets} == resource["Targets"]


def test_roles_are_made_as_meant(made, expected):
    iam = made.client("iam")
    for role in ("Role", "NotificationRole"):
        name = made.resources[role]
        trust = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
        assert model.policy(trust) == expected[role]["AssumeRolePolicyDocument"]
        policies = {
            policy: model.policy(iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"])
            for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]
        }
        assert policies == {
            resource["PolicyName"]: resource["PolicyDocument"]
            for resource in expected.values()
            if resource["Type"] == "AWS::IAM::Policy" and resource["Roles"] == [f"<{role}.Name>"]
        }


# --- What arrives ---


class Queue:
    def __init__(self, made):
        self.sqs = made.client("sqs")
        self.bus = made.client("events")
        self.url = made.queue_url()

    def put(self, event):
        """Puts an event on the bus, as of now. All that the bus adds by itself is left to it."""
        resources = event["resources"]
        (answer,) = self.bus.put_events(
            Entries=[
                {
                    "Source": event["source"],
                    "DetailType": event["detail-type"],
                    "Detail": json.dumps(event["detail"]),
                    "Resources": resources if isinstance(resources, list) else [resources],
                    "Time": datetime.now(timezone.utc),
                }
            ]
        )["Entries"]
        assert "EventId" in answer, answer

    def take(self):
        """All that is there."""
        bodies = []
        while True:
            # The server delivers before it answers, so there is nothing to wait for.
            messages = self.sqs.receive_message(QueueUrl=self.url, MaxNumberOfMessages=10, WaitTimeSeconds=0)
            if not messages.get("Messages"):
                return bodies
            for message in messages["Messages"]:
                bodies.append(message["Body"])
                self.sqs.delete_message(QueueUrl=self.url, ReceiptHandle=message["ReceiptHandle"])


@pytest.fixture
def queue(made):
    queue = Queue(made)
    yield queue
    assert queue.take() == [], "left by the test"


@pytest.mark.parametrize("name", sorted(events.ARRIVE))
def test_arrives(queue, name):
    sample = events.sample(name)
    queue.put(sample)
    (body,) = queue.take()
    arrived = json.loads(body)
    for field in ("source", "detail-type", "detail"):
        assert arrived[field] == sample[field]


@pytest.mark.parametrize("name", sorted(events.NOISE))
def test_does_not_arrive(queue, name):
    queue.put(events.sample(name))
    assert queue.take() == []


@pytest.mark.parametrize("state", ["pending", "running", "stopping", "stopped", "shutting-down", "terminated"])
def test_states_of_an_instance_that_goes_arrive(queue, state):
    sample = events.sample("state-stopping.json")
    sample["detail"]["state"] = state
    queue.put(sample)
    assert len(queue.take()) == (0 if state in ("pending", "running") else 1)


@pytest.mark.parametrize("name", ["asg-launch.json", "asg-terminate.json"])
def test_actions_of_other_groups_do_not_arrive(queue, name):
    sample = events.sample(name)
    sample["detail"]["AutoScalingGroupName"] = "databases"
    queue.put(sample)
    assert queue.take() == []


@pytest.mark.parametrize("name", sorted(events.DIRECT))
def test_what_hooks_and_topics_send_arrives_as_it_is(queue, name):
    body = (events.SAMPLES / name).read_text()
    queue.sqs.send_message(QueueUrl=queue.url, MessageBody=body)
    assert queue.take() == [body]


# --- The script others start ---


def test_script_tells_where_the_stack_is_and_ends_with_its_input():
    with closing_process("AutoScalingGroups=workers-*") as process:
        told = json.loads(line_of(process))
        assert told["queueUrl"].startswith(told["endpoint"] + "/")
        assert told["outputs"]["QueueUrl"].endswith("/glidepath-demo")
        process.stdin.close()
        assert process.wait(timeout=30) == 0


def test_script_ends_when_asked():
    with closing_process() as process:
        assert line_of(process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


def test_script_takes_no_parameter_the_template_has_not():
    done = subprocess.run(
        [HERE / "stack", "Cluster=demo"], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 2
    assert "Cluster is no parameter" in done.stderr


class closing_process(closing):
    """The script, killed if a test did not end it."""

    def __init__(self, *parameters):
        process = subprocess.Popen(
            [HERE / "stack", *parameters], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ
        )
        super().__init__(process)

    def __exit__(self, *_):
        if self.thing.poll() is None:
            self.thing.kill()
        self.thing.wait(timeout=30)
        self.thing.stdout.close()
        if not self.thing.stdin.closed:
            self.thing.stdin.close()


def line_of(process):
    with DefaultSelector() as selector:
        selector.register(process.stdout, EVENT_READ)
        assert selector.select(timeout=60), "the script says nothing for a minute"
        return process.stdout.readline()
