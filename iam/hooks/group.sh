#!/usr/bin/env bash
# Gives Auto Scaling groups the lifecycle hooks Glidepath completes; run again, it changes nothing.
#
#   iam/hooks/group.sh GROUP…
#
#   LAUNCH_HOOK=true                      also for instances that are launched: in service when their nodes are Ready
#   QUEUE_ARN=… NOTIFICATION_ROLE_ARN=…   the hooks notify the queue themselves; without them EventBridge does
set -euo pipefail

fail() { printf 'glidepath: %s\n' "$*" >&2; exit 1; }

(($#)) || fail "name the groups: iam/hooks/group.sh GROUP…"
command -v aws >/dev/null || fail "the AWS CLI is needed and aws is not on the PATH: install it from aws.amazon.com/cli."
[[ -n ${QUEUE_ARN:-} && -n ${NOTIFICATION_ROLE_ARN:-} || -z ${QUEUE_ARN:-}${NOTIFICATION_ROLE_ARN:-} ]] ||
  fail "QUEUE_ARN and NOTIFICATION_ROLE_ARN go together: set both or neither."

direct=()
[[ -z ${QUEUE_ARN:-} ]] || direct=(--notification-target-arn "$QUEUE_ARN" --role-arn "$NOTIFICATION_ROLE_ARN")

for group in "$@"; do
  # Glidepath sends heartbeats for as long as a drain takes. So long does an instance wait if nobody does.
  aws autoscaling put-lifecycle-hook --auto-scaling-group-name "$group" --lifecycle-hook-name glidepath-terminate \
    --lifecycle-transition autoscaling:EC2_INSTANCE_TERMINATING --heartbeat-timeout 300 --default-result CONTINUE ${direct[@]+"${direct[@]}"}
  if [[ ${LAUNCH_HOOK:-false} == true ]]; then
    # As long as Glidepath waits for the node. ABANDON would replace an instance whose node is not Ready by then, and every instance
    # on its way into a warm pool.
    aws autoscaling put-lifecycle-hook --auto-scaling-group-name "$group" --lifecycle-hook-name glidepath-launch \
      --lifecycle-transition autoscaling:EC2_INSTANCE_LAUNCHING --heartbeat-timeout 900 --default-result CONTINUE ${direct[@]+"${direct[@]}"}
  fi
  printf 'hooks are on %s\n' "$group"
done
