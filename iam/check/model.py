"""Both forms in the same words, so that they can be compared: by logical id, each property under CloudFormation's name."""

import json
import re

import cloudformation

PARTITION, REGION, ACCOUNT, SUFFIX = "aws-cn", "cn-north-1", "123456789012", "amazonaws.com.cn"
"""Neither the usual partition nor the usual domain, so that whoever takes them for granted is found."""

PSEUDO = {"AWS::Partition": PARTITION, "AWS::Region": REGION, "AWS::AccountId": ACCOUNT, "AWS::URLSuffix": SUFFIX}
DATA = {
    "aws_partition": {"partition": PARTITION, "dns_suffix": SUFFIX},
    "aws_region": {"region": REGION},
    "aws_caller_identity": {"account_id": ACCOUNT},
}

GENERATED = "(made up)"
"""The name of a role or a rule. Nobody needs to know it, and a name of ours could be too long, or taken in another region."""

PREFIX = "glidepath-demo-"
"""What the names begin with that Terraform makes up for a cluster called demo."""


def snake(name):
    """OidcProviderArn is oidc_provider_arn on the other side."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _several(value):
    """IAM and EventBridge take a list as a set, and one value as a list of one."""
    return sorted(value if isinstance(value, list) else [value], key=json.dumps)


def policy(value):
    """A policy document: its statements by Sid, and as lists what may be lists."""
    read = cloudformation.document(value)
    statements = {}
    for statement in read["Statement"]:
        statement = dict(statement)
        principal = statement.get("Principal", "")
        if isinstance(principal, dict):
            statement["Principal"] = {kind: _several(who) for kind, who in principal.items()}
        for key in ("Action", "Resource"):
            if key in statement:
                statement[key] = _several(statement[key])
        if "Condition" in statement:
            statement["Condition"] = {
                test: {key: _several(values) for key, values in keys.items()}
                for test, keys in statement["Condition"].items()
            }
        sid = statement.pop("Sid")
        if sid in statements:
            raise ValueError(f"two statements are called {sid}")
        statements[sid] = statement
    return {"Version": read["Version"], "Statement": statements}


def pattern(value):
    """An event pattern."""
    if isinstance(value, str):
        value = json.loads(value)
    if isinstance(value, dict):
        return {key: pattern(inner) for key, inner in value.items()}
    return _several(value)


def of_stack(stack):
    return {name: of_cloudformation(kind, properties) for name, (kind, properties) in stack.resources.items()}


def of_cloudformation(kind, properties):
    read = {
        "AssumeRolePolicyDocument": policy,
        "PolicyDocument": policy,
        "EventPattern": pattern,
        "Dimensions": lambda listed: {each["Name"]: each["Value"] for each in listed},
    }
    canonical = {name: read.get(name, lambda value: value)(value) for name, value in properties.items()}
    if kind == "AWS::IAM::Role":
        canonical.setdefault("RoleName", GENERATED)
    if kind == "AWS::Events::Rule":
        canonical.setdefault("Name", GENERATED)
        canonical["Targets"] = {target["Id"]: target for target in canonical["Targets"]}
    return {"Type": kind, **canonical}


def _generated(prefix):
    return GENERATED if prefix == PREFIX else prefix


def _as_it_is(value):
    return value


# Each attribute of a resource of Terraform: the property it is, and how it is read. One that is not here fails the comparison.
_TERRAFORM = {
    "aws_sqs_queue": (
        "AWS::SQS::Queue",
        {
            "name": ("QueueName", _as_it_is),
            "message_retention_seconds": ("MessageRetentionPeriod", _as_it_is),
            "visibility_timeout_seconds": ("VisibilityTimeout", _as_it_is),
            "receive_wait_time_seconds": ("ReceiveMessageWaitTimeSeconds", _as_it_is),
            "redrive_policy": ("RedrivePolicy", json.loads),
            "redrive_allow_policy": ("RedriveAllowPolicy", json.loads),
            "sqs_managed_sse_enabled": ("SqsManagedSseEnabled", _as_it_is),
            "kms_master_key_id": ("KmsMasterKeyId", _as_it_is),
        },
    ),
    "aws_sqs_queue_policy": (
        "AWS::SQS::QueuePolicy",
        {"queue_url": ("Queues", lambda url: [url]), "policy": ("PolicyDocument", policy)},
    ),
    "aws_cloudwatch_event_rule": (
        "AWS::Events::Rule",
        {
            "name_prefix": ("Name", _generated),
            "description": ("Description", _as_it_is),
            "event_pattern": ("EventPattern", pattern),
        },
    ),
    "aws_iam_role": (
        "AWS::IAM::Role",
        {
            "name_prefix": ("RoleName", _generated),
            "description": ("Description", _as_it_is),
            "assume_role_policy": ("AssumeRolePolicyDocument", policy),
        },
    ),
    "aws_iam_role_policy": (
        "AWS::IAM::Policy",
        {
            "name": ("PolicyName", _as_it_is),
            "role": ("Roles", lambda role: [role]),
            "policy": ("PolicyDocument", policy),
        },
    ),
    "aws_eks_pod_identity_association": (
        "AWS::EKS::PodIdentityAssociation",
        {
            "cluster_name": ("ClusterName", _as_it_is),
            "namespace": ("Namespace", _as_it_is),
            "service_account": ("ServiceAccount", _as_it_is),
            "role_arn": ("RoleArn", _as_it_is),
        },
    ),
    "aws_cloudwatch_metric_alarm": (
        "AWS::CloudWatch::Alarm",
        {
            "alarm_name": ("AlarmName", _as_it_is),
            "alarm_description": ("AlarmDescription", _as_it_is),
            "namespace": ("Namespace", _as_it_is),
            "metric_name": ("MetricName", _as_it_is),
            "dimensions": ("Dimensions", _as_it_is),
            "statistic": ("Statistic", _as_it_is),
            "period": ("Period", _as_it_is),
            "evaluation_periods": ("EvaluationPeriods", _as_it_is),
            "threshold": ("Threshold", _as_it_is),
            "comparison_operator": ("ComparisonOperator", _as_it_is),
            "treat_missing_data": ("TreatMissingData", _as_it_is),
            "alarm_actions": ("AlarmActions", _as_it_is),
            "ok_actions": ("OKActions", _as_it_is),
        },
    ),
}


def of_plan(plan):
    canonical, targets = {}, {}
    for (kind, name), attributes in plan.resources.items():
        if kind == "aws_cloudwatch_event_target":
            targets[name] = attributes
            continue
        if name in canonical:
            raise ValueError(f"two resources are called {name}")
        type_there, names = _TERRAFORM[kind]
        canonical[name] = {"Type": type_there}
        for attribute, value in attributes.items():
            there, read = names[attribute]
            canonical[name][there] = read(value)
    for name, target in targets.items():
        # A part of the rule on the other side. One that belongs to another rule would leave this one without.
        rule = canonical[target["rule"].removeprefix("<").removesuffix(".Name>")]
        rule.setdefault("Targets", {})[target["target_id"]] = {
            "Id": target["target_id"],
            "Arn": target["arn"],
            "DeadLetterConfig": {"Arn": target["dead_letter_config"]["arn"]},
        }
    return canonical


def differences(one, other, path=""):
    """What is not the same, each with the place where it is; empty if all is."""
    if isinstance(one, dict) and isinstance(other, dict):
        return [
            line
            for key in sorted(one.keys() | other.keys())
            for line in differences(one.get(key), other.get(key), f"{path}.{key}" if path else key)
        ]
    # Not just ==, to which True is 1.
    same = json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
    return [] if same else [f"{path}: CloudFormation has {one!r}, Terraform {other!r}"]
