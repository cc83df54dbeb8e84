# Lifecycle hooks for the self-managed node groups of the module terraform-aws-modules/eks/aws (21), beside Glidepath's module. Managed
# node groups need none: EKS drains them, with hooks of its own.

module "glidepath" {
  source = "../terraform"

  cluster_name        = module.eks.cluster_name
  auto_scaling_groups = "workers-*"
  # Only where hooks are to notify the queue themselves.
  direct_hooks = true
}

module "eks" {
  source  = "terraform-aws-modules/eks/aws"
  version = "~> 21.0"

  name               = "demo"
  kubernetes_version = "1.34"

  self_managed_node_groups = {
    workers = {
      # A hook for launching must be there before the first instance is, so it is made with the group.
      initial_lifecycle_hooks = [{
        name                 = "glidepath-launch"
        lifecycle_transition = "autoscaling:EC2_INSTANCE_LAUNCHING"
        # As long as Glidepath waits for the node.
        heartbeat_timeout = 900
        # With ABANDON an instance whose node is not Ready by then is replaced; one on its way into a warm pool always would be.
        default_result = "CONTINUE"
      }]
    }
  }
}

# A hook for terminating may come later, and may be changed without the group.
resource "aws_autoscaling_lifecycle_hook" "terminate" {
  for_each = module.eks.self_managed_node_groups

  name                   = "glidepath-terminate"
  autoscaling_group_name = each.value.autoscaling_group_name
  lifecycle_transition   = "autoscaling:EC2_INSTANCE_TERMINATING"
  # Glidepath sends heartbeats for as long as a drain takes. So long does an instance wait if nobody does.
  heartbeat_timeout = 300
  # ABANDON would not save the instance; it would skip the group's other hooks.
  default_result = "CONTINUE"
  # Only where hooks are to notify the queue themselves; without these two EventBridge does.
  notification_target_arn = module.glidepath.queue_arn
  role_arn                = module.glidepath.notification_role_arn
}
