terraform {
  # Conditions of a variable may look at other variables since then.
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # The region is called region since then, no longer name.
      version = ">= 6.0"
    }
  }
}
