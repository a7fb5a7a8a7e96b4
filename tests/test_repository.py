"""The repository holds together: what is tracked, pinned, linked and promised."""

from __future__ import annotations

import json
import re
import subprocess
from itertools import chain
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

from imi import claims
from imi.markdown import between
from notebook_rules import LECTURES
from notebook_runs import with_costs

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ADDRESS = PROJECT["urls"]["Repository"]
CONDA_NAMES = {"pytorch-cpu": "torch", "matplotlib-base": "matplotlib"}


def git(*arguments: str) -> list[str]:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is no git checkout")
    return done.stdout.splitlines()


def tracked(pattern: str) -> list[Path]:
    found = [ROOT / name for name in git("ls-files")]
    return [path for path in found if re.search(pattern, path.as_posix()) and path.exists()]


def constraints() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [Requirement(line) for line in lines if line and not line.startswith("#")]
    assert all(str(pin.specifier).startswith("==") for pin in pins)
    return {pin.name.lower().replace("_", "-"): str(pin.specifier)[2:] for pin in pins}


# What is of no use to others unless it is tracked; a learner's own files may lie beside it.
MUST_BE_TRACKED = (
    "lib/imi/**/*.py", "tests/**/*.py", "notebooks/**/[0-9][0-9]_*.ipynb",
    "data/*.toml", "data/measurements/*.json", "data/phrasebook/**/*", "data/checkpoints/*/*",
)  # fmt: skip


def to_be_tracked(root: Path) -> set[str]:
    found = {path for pattern in MUST_BE_TRACKED for path in root.glob(pattern) if path.is_file()}
    return {
        path.relative_to(root).as_posix()
        for path in found
        if not {"__pycache__", ".ipynb_checkpoints"} & set(path.parts) and path.suffix != ".part"
    }


def test_every_module_lecture_and_file_of_data_is_tracked():
    assert sorted(to_be_tracked(ROOT) - set(git("ls-files"))) == []
    ignored = [line for line in (ROOT / ".gitignore").read_text().splitlines() if "lib" in line]
    assert [line for line in ignored if not line.startswith("#")] == []


def test_what_a_learner_leaves_behind_need_not_be_tracked(tmp_path):
    names = (
        "notebooks/Untitled.ipynb", "notebooks/trained/checkpoints/net/card.json",
        "notebooks/.ipynb_checkpoints/01_a-checkpoint.ipynb", "data/notes.txt",
        "notebooks/01_a.ipynb", "notebooks/ja/01_a.ipynb", "lib/imi/a.py", "lib/imi/data/b.py",
        "data/claims.toml", "data/checkpoints/net/card.json", "data/measurements/a.json",
    )  # fmt: skip
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert to_be_tracked(tmp_path) == set(names[4:])


def test_the_constraints_satisfy_the_lower_bounds():
    pins = constraints()
    wanted = list(chain(PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()))
    for requirement in map(Requirement, wanted):
        if requirement.name != "tomli":  # Python 3.10 alone needs it
            assert requirement.specifier.contains(pins[requirement.name.lower()]), requirement


def test_the_conda_environment_names_the_versions_of_the_constraints():
    text = (ROOT / "environment.yml").read_text(encoding="utf-8")
    environment = yaml.safe_load(text)
    pins, names = constraints(), []
    for entry in environment["dependencies"]:
        name, _, version = entry.partition("=")
        names.append(name)
        if version and name != "python":
            assert pins[CONDA_NAMES.get(name, name)] == version, entry
    assert len(names) == len(set(names))
    needed = {Requirement(entry).name for entry in PROJECT["dependencies"]} - {"tomli"}
    assert needed <= {CONDA_NAMES.get(name, name) for name in names}
    assert (ROOT / "binder" / "environment.yml").read_text(encoding="utf-8") == text


def test_the_workflow_can_be_read_and_runs_what_the_readme_says():
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    assert set(workflow["jobs"]) == {"newest", "oldest"}
    assert (ROOT / ".ci/run").read_text().rstrip().endswith("make check test")
    bounds = {
        requirement.name: str(requirement.specifier).removeprefix(">=")
        for requirement in map(Requirement, PROJECT["dependencies"])
        if requirement.name != "tomli"
    }
    assert workflow["env"]["CPU_WHEELS"].endswith("https://download.pytorch.org/whl/cpu")
    for job in workflow["jobs"].values():
        steps = [step["run"] for step in job["steps"] if "run" in step]
        assert "CPU_WHEELS" in next(run for run in steps if "make check" in run or "torch==" in run)
    oldest = str(workflow["jobs"]["oldest"])
    for name, version in bounds.items():
        assert re.search(rf"\b{name}=={re.escape(version)}(\.0)?\b", oldest), name


def test_the_project_has_one_address():
    pattern = re.compile(r"github(?:\.com|usercontent\.com)?/(?:gh/)?([\w-]+/imi)\b")
    owner = "/".join(ADDRESS.split("/")[-2:])
    for path in tracked(r"\.(md|ipynb|py|toml|yml)$"):
        for found in pattern.findall(path.read_text(encoding="utf-8")):
            assert found == owner, f"{path.name} names {found}"


DOCUMENTS = [
    path for path in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")) if path.name[0] != "."
]


def anchors(path: Path) -> set[str]:
    """Returns the headings of a document as GitHub names them in an address."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {
        re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings
    }


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_to_files_and_headings_lead_somewhere(path):
    text = path.read_text(encoding="utf-8")
    for link in re.findall(r"\]\(([^)]+)\)|src=\"([^\"]+)\"", text):
        target = link[0] or link[1]
        if "://" not in target:
            name, _, heading = target.partition("#")
            found = path.parent / name if name else path
            assert found.exists(), target
            assert not heading or heading in anchors(found), target


def test_the_readme_and_the_page_for_lecturers_have_every_lecture():
    readme = between(ROOT / "README.md", "lectures")
    teaching = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
    for path in LECTURES:
        if path.parent.name == "notebooks":  # those in English
            assert f"](notebooks/{path.name})" in readme
            assert f"](../notebooks/{path.name})" in teaching
    assert with_costs(readme, ROOT) == readme, "run `make notebooks`"


def test_the_page_for_lecturers_tells_the_minutes_and_sections_of_the_notebooks():
    parts = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8").split("\n## [")[1:]
    for part in parts:
        path = ROOT / "notebooks" / re.search(r"\(\.\./notebooks/(.+?)\)", part)[1]
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        text = "\n".join("".join(cell["source"]) for cell in cells)
        minutes = re.search(r"^About \d+ minutes\.", part, re.MULTILINE)[0]
        assert minutes in "".join(cells[0]["source"]), path.name
        listed, _, live = part.partition("**Show in 45 minutes:**")[2].partition("- **Live:**")
        listed += "".join(re.findall(r"^ (\*[^*]+\*)", live))  # where it trains
        sections = re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", " ".join(listed.split()))
        assert len(sections) >= 5, path.name
        for section in sections:
            assert re.search(rf"^##+ {re.escape(section)}", text, re.MULTILINE), section


def test_the_makefile_has_every_command_that_the_documents_name():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for name in ("README.md", "CONTRIBUTING.md"):
        for command in re.findall(r"`make ([a-z]+)", (ROOT / name).read_text(encoding="utf-8")):
            assert re.search(rf"^{command}:", makefile, re.MULTILINE), command


def test_checkpoints_are_small_and_say_what_they_are():
    total = 0
    for card in (ROOT / "data" / "checkpoints").glob("*/card.json"):
        size = sum(path.stat().st_size for path in card.parent.iterdir())
        assert size <= 20e6, card.parent.name
        total += size
        about = json.loads(card.read_text(encoding="utf-8"))
        assert {"recipe", "config", "data", "seed", "steps", "device", "minutes", "torch",
                "metrics", "sha256"} <= set(about)  # fmt: skip
    assert 0 < total <= 270e6


def test_nothing_names_a_path_of_a_machine():
    pattern = re.compile(r"(?<![\w.])/(?:work|root|home|Users)/\w")
    for path in tracked(r"\.(py|md|toml|yml|ipynb)$|Makefile$|\.ci/run$"):
        if path.parent.name != "tests":
            assert not pattern.search(path.read_text(encoding="utf-8")), path.name


def test_the_documents_show_the_ledger_as_it_is():
    known = claims.ledger()
    page, readme = ROOT / "docs" / "ledger.md", ROOT / "README.md"
    assert between(page, "ledger") == claims.markdown(known), "run `python -m imi.claims --docs`"
    assert between(readme, "results") == claims.tally(known), "run `python -m imi.claims --docs`"


def test_what_the_readme_says_did_not_hold_did_not_hold():
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    quoted = re.findall(r"^- \*([^*]+)\*\s+\(\[.+?\]\(docs/ledger\.md#(\w+)\)", text, re.MULTILINE)
    failed = {(claim.statement, claim.lecture) for claim in claims.ledger() if not claim.holds}
    assert len(quoted) == 3 and set(quoted) <= failed


def test_the_citation_is_of_this_project():
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    authors = [{"name": author["name"]} for author in PROJECT["authors"]]
    assert cited["repository-code"] == cited["preferred-citation"]["url"] == ADDRESS
    assert cited["authors"] == cited["preferred-citation"]["authors"] == authors
    assert f"(c) {cited['preferred-citation']['year']} " in (ROOT / "LICENSE").read_text()


def test_the_lecture_names_the_minutes_of_the_card():
    notebook = (ROOT / "notebooks" / "01_nplm_2003.ipynb").read_text(encoding="utf-8")
    said = re.search(r"TRAIN_LIVE = False  # .* about (\d+) minutes on one CPU core", notebook)
    card = (ROOT / "data/checkpoints/nplm_english/card.json").read_text(encoding="utf-8")
    assert int(said[1]) == round(json.loads(card)["minutes"])
    assert json.loads(card)["device"] == "cpu, 1 threads"
