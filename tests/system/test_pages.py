"""The pages of the documentation: none is forgotten, and what they list is what the tables have."""

import json
import re
import subprocess

from harness import PROGRAM, ROOT

LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/**/*.md"))]


def test_every_page_is_in_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for page in sorted((ROOT / "docs").glob("*.md")):
        assert f"(docs/{page.name})" in readme, f"README.md does not name docs/{page.name}"


def test_every_link_leads_somewhere():
    links = [(page, target) for page in PAGES for target in LINK.findall(page.read_text(encoding="utf-8"))]
    assert len(links) > 10
    for page, target in links:
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_every_reason_of_a_recorded_event_is_explained():
    table = (ROOT / "src/domain/reason.def").read_text(encoding="utf-8")
    words = set(re.findall(r'^REASON\(\w+, "(\w+)"', table, re.M)) - {"none"}
    page = (ROOT / "docs/webhooks.md").read_text(encoding="utf-8")
    rows = page.split("## Recorded with a reason")[1].split("\n## ")[0]
    explained = {word for row in rows.splitlines() if row.startswith("| `") for word in re.findall(r"`(\w+)`", row.split("|")[1])}
    assert explained == words


def test_init_asks_for_the_permissions_that_the_page_lists(tmp_path):
    said = subprocess.run([PROGRAM, "init", "--json", "--path", str(tmp_path / "books.ini")], capture_output=True, text=True,
                          timeout=30, check=True)
    page = (ROOT / "docs/stripe-api.md").read_text(encoding="utf-8")
    rows = [row.split("|")[1] for row in page.split("## The key")[1].split("\n## ")[0].splitlines() if row.startswith("| ")]
    listed = {name.strip() for row in rows[1:] for name in re.sub(r"\(.*?\)", "", row).split(",")} - {"---", ""}
    asked = {permission.removesuffix(": read") for permission in json.loads(said.stdout)["key_permissions"]}
    assert asked == {name for name in listed if not name.startswith("the same for")}


def test_the_page_says_of_every_kind_how_it_is_asked_for():
    said = subprocess.run([PROGRAM, "show", "--help"], capture_output=True, text=True, timeout=30, check=True)
    kinds = re.findall(r"\w+", said.stdout.split("Kinds:")[1].split(".")[0])
    page = (ROOT / "docs/stripe-api.md").read_text(encoding="utf-8").split("## Objects")[1]
    rows = {row.split("|")[1].strip(" `"): row.split("|")[2:4] for row in page.splitlines() if row.startswith("| `")}
    assert list(rows) == kinds
    table = re.findall(r'\{ID_(\w+), PATH\("/v1/([\w/]+)"\), PATH\("[^"]*"\), (true|false)\}',
                       (ROOT / "src/provider/stripe/api_objects.c").read_text(encoding="utf-8"))
    assert {kind.lower() for kind, *_ in table} == {kind for kind, (_, one) in rows.items() if not one.startswith(" no:")}
    for kind, path, listed in table:
        assert f"`{path}`" in rows[kind.lower()][listed != "true"], kind
        assert rows[kind.lower()][0].startswith(" no:") == (listed == "false"), kind
