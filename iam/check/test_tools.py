"""What the tools of CloudFormation and Terraform themselves say."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import cloudformation
import hcl2
import model
import pytest
import terraform
import yaml

HERE = Path(__file__).parent
IAM = HERE.parent

TEMPLATES = [cloudformation.TEMPLATE, *sorted((IAM / "hooks").glob("*.cfn.yaml"))]
MODULES = sorted(IAM.rglob("*.tf"))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_cfn_lint(template):
    done = subprocess.run(
        # In another partition as well: what is there in one may not be in the other.
        [Path(sys.executable).parent / "cfn-lint", "--regions", "eu-west-1", "us-gov-west-1", "cn-north-1", "--", template],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("file", MODULES, ids=lambda path: str(path.relative_to(IAM)))
def test_hcl_can_be_read(file):
    assert hcl2.loads(file.read_text())


@pytest.mark.parametrize("file", sorted(IAM.rglob("*.yaml")), ids=lambda path: str(path.relative_to(IAM)))
def test_yaml_can_be_read(file):
    assert list(yaml.load_all(file.read_text(), cloudformation.Loader))


def run_terraform(*arguments, cwd=IAM, seconds=60, input=""):
    if not shutil.which("terraform"):
        pytest.skip("terraform is not on the PATH")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    # What is downloaded is kept for the next time.
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "glidepath" / "terraform-plugins"
    cache.mkdir(parents=True, exist_ok=True)
    return subprocess.run(
        ["terraform", *arguments],
        cwd=cwd,
        env=environment | {"TF_PLUGIN_CACHE_DIR": str(cache), "TF_IN_AUTOMATION": "true", "CHECKPOINT_DISABLE": "true"},
        input=input,
        capture_output=True,
        text=True,
        timeout=seconds,
    )


def test_terraform_fmt():
    done = run_terraform("fmt", "-check", "-recursive", "-diff", "-no-color")
    assert done.returncode == 0, done.stdout + done.stderr


def test_terraform_validate(tmp_path):
    module = tmp_path / "module"
    shutil.copytree(terraform.MODULE, module)  # init leaves things behind
    try:
        init = run_terraform("init", "-backend=false", "-input=false", "-no-color", cwd=module, seconds=300)
    except subprocess.TimeoutExpired:
        pytest.skip("terraform init takes longer than five minutes, so the module was not validated")
    if init.returncode != 0:
        pytest.skip("terraform cannot fetch the provider of AWS here, so the module was not validated")
    done = run_terraform("validate", "-no-color", cwd=module, seconds=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_readme_lists_every_parameter():
    rows = re.findall(r"^\| `([A-Za-z]+)` \| `([a-z_]+)` \|", (IAM / "README.md").read_text(), re.MULTILINE)
    assert {name for name, _ in rows} == set(cloudformation.Template().parameters)
    assert {name for _, name in rows} == set(terraform.Module().variables)
    assert all(model.snake(there) == here for there, here in rows)


def test_readme_links_to_what_is_there():
    for link in re.findall(r"\]\(([^)#:]+)\)", (IAM / "README.md").read_text()):
        assert (IAM / link).exists(), link
