"""What the benchmark says of its peers where none of their environments is needed."""

from __future__ import annotations

import ast
import io
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest
from PIL import Image

from scripts.bench.peers import agree, environments, make, sources, stacks, trial, vocabulary
from scripts.bench.peers.places import MODEL, ROOT, Places
from scripts.bench.peers.running import StepFailed, run
from scripts.bench.peers.shapes import MULTILINGUAL, SHAPES
from scripts.model import rehearsal
from scripts.model.config import CONFIG, read_clip

PEERS = ROOT / "scripts" / "bench" / "peers"


@pytest.fixture
def places(tmp_path: Path) -> Places:
    home = tmp_path / "a folder with spaces"
    return Places(home / "environments", home / "made")


@pytest.fixture
def _installing(monkeypatch: pytest.MonkeyPatch, places: Places) -> None:
    """Environments are made of a file that can be run."""

    def create(title: str, command: Sequence[str]) -> None:
        if "venv" in command:
            python = Path(command[-1]) / "bin" / "python"
            python.parent.mkdir(parents=True)
            python.touch(0o755)

    monkeypatch.setattr(environments, "run", create)


def _made(places: Places) -> None:
    for folder in (places.source(MODEL), places.exported, places.quantised):
        folder.mkdir(parents=True, exist_ok=True)


def test_no_peer_is_offered_before_any_is_installed(places: Places) -> None:
    assert stacks.installed(9000, places) == []
    _made(places)
    assert stacks.installed(9000, places) == []


@pytest.mark.usefixtures("_installing")
def test_a_peer_is_offered_when_its_environment_and_its_weights_are_there(places: Places) -> None:
    environments.make("naive", places)
    assert stacks.installed(9000, places) == []
    _made(places)
    (naive,) = stacks.installed(9000, places)
    assert naive.name == "naive"
    assert naive.command[0] == str(places.environments / "naive" / "bin" / "python")
    assert naive.command[-6:] == (
        *("--host", "127.0.0.1", "--port", "9000"),
        *("--log-level", "warning"),
    )
    assert naive.env["PEER_MODEL"] == str(places.quantised)
    assert naive.cwd == ROOT


@pytest.mark.usefixtures("_installing")
def test_every_peer_is_started_from_a_module_that_is_there(places: Places) -> None:
    _made(places)
    for peer in environments.PEERS:
        environments.make(peer, places)
    offered = stacks.installed(9000, places)
    assert [stack.name for stack in offered] == list(environments.PEERS)
    for stack in offered:
        module = stack.command[3].removesuffix(":app")
        assert (ROOT / f"{module.replace('.', '/')}.py").is_file()


def test_an_installation_that_stopped_half_way_does_not_count(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(title: str, command: Sequence[str]) -> None:
        if "pip" in command:
            raise StepFailed(title)
        places.python("naive").parent.mkdir(parents=True)
        places.python("naive").touch(0o755)

    monkeypatch.setattr(environments, "run", stop)
    with pytest.raises(StepFailed):
        environments.make("naive", places)
    assert not environments.finished("naive", places)


@pytest.mark.usefixtures("_installing")
def test_an_environment_is_made_again_when_its_requirements_change(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("one==1\n")
    monkeypatch.setattr(environments, "requirements", lambda peer: file)
    environments.make("naive", places)
    assert environments.finished("naive", places)
    file.write_text("one==2\n")
    assert not environments.finished("naive", places)


def test_peers_have_what_they_share_with_us_in_our_version() -> None:
    pin = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)
    ours = dict(pin.findall((ROOT / "requirements-dev.txt").read_text()))
    for peer in environments.PEERS:
        text = environments.requirements(peer).read_text()
        assert "://" not in text
        theirs = dict(pin.findall(text))
        assert theirs
        assert {name: ours[name] for name in theirs if name in ours}.items() <= theirs.items()


def test_what_runs_elsewhere_imports_nothing_that_is_ours_alone() -> None:
    for file in (PEERS / "servers").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in (
                *("core", "handlers", "scripts"),
            ):
                assert (node.module or "").startswith("scripts.bench.peers.servers"), file


def test_a_step_that_fails_says_what_its_command_said(capfd: pytest.CaptureFixture[str]) -> None:
    run("quiet", [sys.executable, "-c", "print('nothing to see')"])
    assert "nothing to see" not in capfd.readouterr().err
    with pytest.raises(StepFailed, match=r"no such luck(?s:.)*loud: failed"):
        run("loud", [sys.executable, "-c", "import sys; sys.exit('no such luck')"])


def test_a_folder_has_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    with pytest.raises(StepFailed), sources.being_made(folder) as half_made:
        (half_made / "left").touch()
        raise StepFailed("full disk")
    assert not folder.exists()
    with sources.being_made(folder) as half_made:
        (half_made / "right").touch()
    assert [path.name for path in folder.iterdir()] == ["right"]


def test_weights_come_in_the_published_layout(
    places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "run", lambda title, command: None)
    published = rehearsal.write_clip(tmp_path / "published", rehearsal.FAMILIES["vit-b-32"])
    folder = sources.make(MODEL, places, published)
    assert json.loads((folder / CONFIG).read_text()) == SHAPES[MODEL]
    assert sources.make(MODEL, places, published) == folder == stacks.weights(places)
    other = tmp_path / "other"
    other.mkdir()
    (other / "tokenizer.json").write_text("{}")
    with pytest.raises(StepFailed, match="another tokenizer"):
        sources.make(MODEL, places, other)


@pytest.mark.parametrize("shape", [shape for shape in SHAPES if shape != MULTILINGUAL])
def test_our_builder_takes_every_shape(shape: str, tmp_path: Path) -> None:
    (tmp_path / CONFIG).write_text(json.dumps(SHAPES[shape]))
    assert read_clip(tmp_path).dimension == SHAPES[shape]["projection_dim"]


def test_ours_is_built_again_when_the_builder_or_the_weights_change(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    built: list[str] = []
    weights = places.source(MODEL) / "model.safetensors"
    weights.parent.mkdir(parents=True)
    weights.write_bytes(b"some")

    def build(title: str, command: Sequence[str]) -> None:
        built.append(title)
        (places.models / MODEL).mkdir(parents=True, exist_ok=True)

    monkeypatch.setattr(make, "run", build)
    make.ours(MODEL, places)
    make.ours(MODEL, places)
    assert len(built) == 1
    weights.write_bytes(b"others")
    make.ours(MODEL, places)
    make.ours(MODEL, places)
    assert len(built) == 2
    (places.models / f"{MODEL}.made_of").write_text("what an older builder made of them")
    make.ours(MODEL, places)
    assert len(built) == 3


def test_the_vocabulary_has_the_true_size_and_the_marks_at_its_end() -> None:
    tokenizer = vocabulary.assembled([("m", "u"), ("mu", "g</w>")])
    assert tokenizer.get_vocab_size() == vocabulary.CLIP_SIZE
    start, mug, end = tokenizer.encode(" MUG").ids
    assert (start, mug, end) == (49406, 513, 49407)


@pytest.mark.parametrize("shape", [MODEL, MULTILINGUAL])
def test_the_trial_asks_for_as_many_texts_as_photos(shape: str) -> None:
    texts = trial.texts(shape)
    assert len(texts) == len(set(texts)) == trial.COUNT


def test_the_photos_of_the_trial_have_many_sizes() -> None:
    photos = trial.photos()
    sizes = [Image.open(io.BytesIO(next(photos))).size for _ in range(3)]
    assert sizes == [(64, 64), (200, 150), (224, 299)]


def test_the_least_cosine_counts(capsys: pytest.CaptureFixture[str]) -> None:
    def server(*vectors: list[float]) -> httpx.Client:
        answers = iter(vectors)
        transport = httpx.MockTransport(
            lambda request: httpx.Response(200, json={"embedding": next(answers)})
        )
        return httpx.Client(transport=transport, base_url="http://127.0.0.1")

    ours, theirs = server([1.0, 0.0], [0.0, 1.0]), server([1.0, 0.0], [0.6, 0.8])

    def embed(client: httpx.Client, text: str) -> list[float]:
        embedding: list[float] = client.post("/embed").json()["embedding"]
        return embedding

    with ours, theirs:
        least = agree.compare("texts", ["one", "two"], embed, (ours, theirs))
    assert least == pytest.approx(0.8)
    assert "0.90000 on average, 0.80000 at the least" in capsys.readouterr().out
