"""The pages that explain the rules of `raddle check`, in Markdown."""

from importlib import resources


def page(rule: str) -> str:
    """What the rule means, a minimal program that breaks it, and the repaired program."""
    return (resources.files("raddle.reports") / "rules" / f"{rule}.md").read_text(encoding="utf-8")
