#!/usr/bin/env bash
# The same for the self-managed node groups (nodeGroups) of a cluster made by eksctl, whose configuration knows no lifecycle hooks. To be
# run again after a node group is added. Managed node groups are left alone: EKS drains them, with hooks of its own.
#
#   iam/hooks/eksctl.sh CLUSTER
#
# Reads the variables group.sh reads.
set -euo pipefail

fail() { printf 'glidepath: %s\n' "$*" >&2; exit 1; }

(($# == 1)) || fail "name the cluster: iam/hooks/eksctl.sh CLUSTER"
command -v aws >/dev/null || fail "the AWS CLI is needed and aws is not on the PATH: install it from aws.amazon.com/cli."

# eksctl tags what it makes; the groups EKS makes bear a tag of EKS as well.
found=$(aws autoscaling describe-auto-scaling-groups --filters "Name=tag:alpha.eksctl.io/cluster-name,Values=$1" \
  --query "AutoScalingGroups[?!contains(Tags[].Key, 'eks:nodegroup-name')].AutoScalingGroupName" --output text)
read -r -a groups <<<"$found"
((${#groups[@]})) || fail "no self-managed node group of eksctl's is in cluster $1: is it the right account and region?"

exec "$(dirname "${BASH_SOURCE[0]}")/group.sh" "${groups[@]}"
