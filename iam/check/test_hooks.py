"""The snippets for lifecycle hooks: whichever is used, the hooks are the same, and the API takes them."""

import json
import os
import re
import subprocess
from pathlib import Path

import cloudformation
import jmespath
import pytest
import stack
import yaml
from botocore.validate import validate_parameters

HOOKS = Path(__file__).parents[1] / "hooks"
QUEUE = "arn:aws:sqs:eu-west-1:123456789012:glidepath-demo"
ROLE = "arn:aws:iam::123456789012:role/glidepath"

# Stands in for the AWS CLI: writes down what it is asked, one JSON list a line, and answers what it was given to.
AWS = """#!/usr/bin/env python3
import json, os, sys
with open(os.environ["ASKED"], "a") as asked:
    print(json.dumps(sys.argv[1:]), file=asked)
print(os.environ.get("ANSWER", ""))
"""

TERMINATE = {
    "LifecycleHookName": "glidepath-terminate",
    "LifecycleTransition": "autoscaling:EC2_INSTANCE_TERMINATING",
    "HeartbeatTimeout": 300,
    "DefaultResult": "CONTINUE",
}
LAUNCH = {
    "LifecycleHookName": "glidepath-launch",
    "LifecycleTransition": "autoscaling:EC2_INSTANCE_LAUNCHING",
    "HeartbeatTimeout": 900,
    "DefaultResult": "CONTINUE",
}
DIRECT = {"NotificationTargetARN": QUEUE, "RoleARN": ROLE}


@pytest.fixture
def script(tmp_path):
    aws = tmp_path / "aws"
    aws.write_text(AWS)
    aws.chmod(0o755)

    def run(name, *arguments, **variables):
        asked = tmp_path / "asked"
        environment = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}", "ASKED": str(asked)} | variables
        done = subprocess.run(
            [HOOKS / name, *arguments], env=environment, capture_output=True, text=True, timeout=30
        )
        lines = asked.read_text().splitlines() if asked.exists() else []
        return done, [json.loads(line) for line in lines]

    return run


def parameters(command):
    """Of a call of the AWS CLI, as its API has them."""
    assert command[:2] == ["autoscaling", "put-lifecycle-hook"]
    read = {}
    for name, value in zip(command[2::2], command[3::2], strict=True):
        name = "".join(part.capitalize() for part in name[2:].split("-")).replace("Arn", "ARN")
        read[name] = int(value) if name == "HeartbeatTimeout" else value
    shape = stack.Running("http://127.0.0.1:1", stack.REGION).client("autoscaling").meta.service_model
    validate_parameters(read, shape.operation_model("PutLifecycleHook").input_shape)
    return read


def test_script_gives_each_group_its_hook(script):
    done, asked = script("group.sh", "workers-a", "workers-b")
    assert done.returncode == 0, done.stderr
    assert [parameters(command) for command in asked] == [
        {"AutoScalingGroupName": group} | TERMINATE for group in ("workers-a", "workers-b")
    ]


def test_script_gives_hooks_that_notify_the_queue(script):
    done, asked = script("group.sh", "workers-a", LAUNCH_HOOK="true", QUEUE_ARN=QUEUE, NOTIFICATION_ROLE_ARN=ROLE)
    assert done.returncode == 0, done.stderr
    assert [parameters(command) for command in asked] == [
        {"AutoScalingGroupName": "workers-a"} | hook | DIRECT for hook in (TERMINATE, LAUNCH)
    ]


@pytest.mark.parametrize("variables", [{"QUEUE_ARN": QUEUE}, {"NOTIFICATION_ROLE_ARN": ROLE}], ids=str)
def test_script_wants_both_or_neither(script, variables):
    done, asked = script("group.sh", "workers-a", **variables)
    assert (done.returncode, asked) == (1, [])
    assert "go together" in done.stderr


def test_eksctls_groups_are_found(script):
    done, (search, *asked) = script("eksctl.sh", "demo", ANSWER="eksctl-demo-a\teksctl-demo-b")
    assert done.returncode == 0, done.stderr
    assert [parameters(command)["AutoScalingGroupName"] for command in asked] == ["eksctl-demo-a", "eksctl-demo-b"]
    query = search[search.index("--query") + 1]
    answer = {
        "AutoScalingGroups": [
            {"AutoScalingGroupName": "own", "Tags": [{"Key": "alpha.eksctl.io/cluster-name"}]},
            {"AutoScalingGroupName": "managed", "Tags": [{"Key": "eks:nodegroup-name"}]},
        ]
    }
    assert jmespath.search(query, answer) == ["own"]


def test_no_group_of_eksctls_is_told(script):
    done, asked = script("eksctl.sh", "demo", ANSWER="")
    assert (done.returncode, len(asked)) == (1, 1)
    assert "no self-managed node group" in done.stderr


@pytest.mark.parametrize("direct", [False, True])
def test_template_has_the_same_hooks(direct):
    template = cloudformation.Template(yaml.load((HOOKS / "group.cfn.yaml").read_text(), cloudformation.Loader))
    given = {"AutoScalingGroup": "workers-a", "LaunchHook": "true"}
    if direct:
        given |= {"QueueArn": QUEUE, "NotificationRoleArn": ROLE}
    resources = template.render(given, {}).resources
    assert [properties for _, properties in resources.values()] == [
        {"AutoScalingGroupName": "workers-a"} | hook | (DIRECT if direct else {}) for hook in (TERMINATE, LAUNCH)
    ]


def test_terraform_has_the_same_hooks():
    text = (HOOKS / "eks-module.tf").read_text()
    for hook in (TERMINATE, LAUNCH):
        block = text[text.index(f'"{hook["LifecycleHookName"]}"') :]
        assert re.search(r'lifecycle_transition +=\s"([^"]*)"', block)[1] == hook["LifecycleTransition"]
        assert int(re.search(r"heartbeat_timeout += (\d+)", block)[1]) == hook["HeartbeatTimeout"]
        assert re.search(r'default_result += "([^"]*)"', block)[1] == hook["DefaultResult"]
