"""What the program's decoder accepts, read off its source: a kind that is added there needs a rule here."""

import re
from pathlib import Path

EVENT = Path(__file__).parents[2] / "src/main/java/dev/glidepath/event"


def source(name):
    """A class without its comments."""
    return re.sub(r"/\*.*?\*/|//[^\n]*", "", (EVENT / f"{name}.java").read_text(), flags=re.DOTALL)


def _cases(java, method):
    """The labels of the first switch in a method, and what follows each arrow."""
    body = java[java.index(method) :]
    body = body[body.index("switch (") :]
    for case in re.finditer(r"case ((?:\"[^\"]*\"|[A-Z_]+)(?:,\s*(?:\"[^\"]*\"|[A-Z_]+))*) ->\s*([^;]*);", body):
        yield re.findall(r"\"([^\"]*)\"|([A-Z_]+)", case[1]), case[2]
        if re.match(r"\s*default\b|\s*}", body[case.end() :]):
            return


def _accepted(java, method):
    """The labels whose outcome is not that the message is ignored."""
    return [text or name for labels, outcome in _cases(java, method) if "new Ignored" not in outcome for text, name in labels]


def kinds(java=None):
    """Each constant of Kind, by its label."""
    constants = re.search(r"enum Kind \{([A-Z_,\s]*);", java or source("Kind"))[1]
    return [name.lower().replace("_", "-") for name in re.findall(r"[A-Z_]+", constants)]


def ec2_types(java=None):
    return _accepted(java or source("Ec2Decoder"), "static Decoded event(")


def states(java=None):
    return [name.lower().replace("_", "-") for name in _accepted(java or source("Ec2Decoder"), "static Decoded stateChange(")]


def sources(java=None):
    return _accepted(java or source("Decoder"), "static Decoded eventBridge(")


def transitions(java=None):
    java = java or source("AutoScalingDecoder")
    return [re.search(rf'{name} = "([^"]*)"', java)[1] for name in _accepted(java, "static Decoded event(") if name]


def health_types(java=None):
    return _accepted(java or source("HealthDecoder"), "static Decoded event(")
