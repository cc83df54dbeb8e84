"""The sample events the program's own tests read, and what EventBridge does with them."""

import json
import re
from pathlib import Path

SAMPLES = Path(__file__).parents[2] / "src/test/resources/events"

ARRIVE = {
    "asg-launch.json",
    "asg-launch-from-warmpool.json",
    "asg-launch-to-warmpool.json",
    "asg-terminate.json",
    "asg-terminate-to-warmpool.json",
    "capacity-block-expiration.json",
    "capacity-block-reservation-expiration.json",
    "capacity-reservation-interruption-interruptible.json",
    "capacity-reservation-interruption-no-time.json",
    "health-closed.json",
    # Nothing is done for a host. An entity may be an ARN, so that no pattern tells it from an instance for sure.
    "health-dedicated-host.json",
    "health-issue-one-instance.json",
    "health-no-start-time.json",
    "health-older-form.json",
    "health-retirement-two-instances.json",
    "health-second-page.json",
    # Ends in the dead-letter queue, where somebody will see it.
    "missing-instance-id.json",
    "rebalance.json",
    "spot-hibernate.json",
    "spot-stop.json",
    "spot-terminate.json",
    # A pattern knows no clock.
    "stale-spot.json",
    "state-stopping.json",
    "state-terminated.json",
}
"""Sent by EventBridge, and of use."""

NOISE = {
    "asg-instance-refresh-checkpoint.json",
    "asg-test-notification-eventbridge.json",
    "health-abuse.json",
    "health-other-service.json",
    "health-public-issue-no-entities.json",
    "interruptible-reclamation-completed.json",
    "spot-request-fulfillment.json",
    "state-running.json",
    "unknown-detail-type.json",
}
"""Sent by EventBridge, and of no use."""

DIRECT = {
    "asg-direct-sqs-launch.json",
    "asg-direct-sqs-terminate.json",
    "asg-eventbridge-in-sns.json",
    "asg-launched-notification.json",
    "asg-sns-wrapped.json",
    "asg-test-notification.json",
    "malformed-sns-in-sns.json",
    "not-json.txt",
    "sns-subscription-confirmation.json",
}
"""Not sent by EventBridge: hooks and topics send straight to the queue."""


def sample(name):
    """An event of EventBridge. One file spells the type as a page of AWS does; no event comes with that."""
    event = json.loads((SAMPLES / name).read_text())
    if "detail_type" in event:
        event["detail-type"] = event.pop("detail_type")
    return event


def matches(pattern, event):
    """Whether EventBridge would take the event for the pattern; knows the operators that our rules use.

    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
    """
    for key, wanted in pattern.items():
        if isinstance(wanted, dict):
            if not isinstance(event.get(key), dict) or not matches(wanted, event[key]):
                return False
        elif not any(_matches_one(each, key in event, event.get(key)) for each in wanted):
            return False
    return True


def _matches_one(wanted, is_there, value):
    # Of a list one element is enough.
    values = value if isinstance(value, list) else [value]
    if not isinstance(wanted, dict):
        return is_there and wanted in values
    ((operator, argument),) = wanted.items()
    match operator:
        case "exists":
            return is_there == argument
        case "wildcard":
            glob = ".*".join(map(re.escape, argument.split("*")))
            return any(isinstance(each, str) and re.fullmatch(glob, each, re.DOTALL) for each in values)
        case "anything-but":
            return is_there and any(each not in argument for each in values)
    raise NotImplementedError(f"the operator {operator}: add it to events._matches_one")
